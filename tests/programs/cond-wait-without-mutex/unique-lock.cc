/* SPDX-License-Identifier: MIT */
/* expect: cond-wait-without-mutex error */
/* A unique_lock that was unlocked and is waited with. */
#include <chrono>
#include <condition_variable>
#include <mutex>

static std::mutex lock;
static std::condition_variable changed;

static void flush(std::unique_lock<std::mutex> &held)
{
	held.unlock();
	changed.wait_for(held, std::chrono::milliseconds(10));
}

int main()
{
	std::unique_lock<std::mutex> held(lock);

	flush(held);
	lock.unlock(); /* what the wait has left locked */
	return 0;
}
