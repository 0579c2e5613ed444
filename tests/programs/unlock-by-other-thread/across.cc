/* SPDX-License-Identifier: MIT */
/* expect: unlock-by-other-thread error */
/* std::mutex by hand, across threads. */
#include <mutex>
#include <thread>

static std::mutex lock;

int main()
{
	lock.lock();
	std::thread t([] { lock.unlock(); });

	t.join();
	return 0;
}
