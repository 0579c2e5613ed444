/* SPDX-License-Identifier: MIT */
/* expect: init-spawned-thread warning */
/* A static object starts a thread in its constructor and lets it go. */
#include <atomic>
#include <chrono>
#include <thread>

static std::atomic<int> beats;

struct heart {
	heart()
	{
		std::thread([] {
			for (;;) {
				beats++;
				std::this_thread::sleep_for(std::chrono::milliseconds(5));
			}
		}).detach();
	}
};
static heart beating;

int main()
{
	while (beats < 3)
		std::this_thread::yield();
	return 0;
}
