// SPDX-License-Identifier: MIT
/* expect: lost-wakeup warning */
/* hangs: --timeout 1 -> 124 */
// The flag is set and signalled without the mutex, between the waiter's look and its wait.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace
{
std::mutex lock;
std::condition_variable changed;
std::atomic<bool> ready, looked, signalled;

void wait_for_it()
{
	std::unique_lock<std::mutex> l(lock);

	while (!ready) {
		looked = true;
		while (!signalled) /* just here the signal comes */
			std::this_thread::yield();
		changed.wait(l);
	}
}
} // namespace

int main()
{
	std::thread t(wait_for_it);

	while (!looked)
		std::this_thread::yield();
	ready = true;
	changed.notify_one();
	signalled = true;
	t.join();
	return 1;
}
