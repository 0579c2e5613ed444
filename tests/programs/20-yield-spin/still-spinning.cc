/* SPDX-License-Identifier: MIT */
/* expect: yield-spin warning */
/* C++: the spin goes on when the process ends; main waits in a latch made of a mutex and a
 * condition variable. */
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

static std::atomic<bool> never{false};
static std::atomic<long> turns{0};
static std::mutex lock;
static std::condition_variable done;

int main()
{
	std::thread([] {
		while (!never) {
			std::this_thread::yield();
			if (++turns == 100000)
				std::_Exit(0);
		}
		done.notify_all();
	}).detach();
	std::unique_lock<std::mutex> guard(lock);
	done.wait(guard, [] { return never.load(); });
}
