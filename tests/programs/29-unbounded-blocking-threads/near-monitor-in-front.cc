/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A counter under a mutex lets 40 run at once; the starter waits for a place. */
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

static std::mutex lock;
static std::condition_variable left;
static int running;

static void call()
{
	std::this_thread::sleep_for(std::chrono::milliseconds(600));
	std::lock_guard<std::mutex> hold(lock);
	running--;
	left.notify_all();
}

int main()
{
	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 10; i++) {
			std::unique_lock<std::mutex> hold(lock);
			left.wait(hold, [] { return running < 40; });
			running++;
			std::thread(call).detach();
		}
		std::this_thread::sleep_for(std::chrono::milliseconds(100));
	}
	std::unique_lock<std::mutex> hold(lock);
	left.wait(hold, [] { return running == 0; });
	return 0;
}
