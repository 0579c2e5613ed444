/* SPDX-License-Identifier: MIT */
/* expect: unbounded-blocking-threads warning */
/* std::thread, detached, in rounds of growing size; each sleeps in the same retry. */
#include <atomic>
#include <chrono>
#include <thread>

static std::atomic<int> done;

static void retry(int host)
{
	std::this_thread::sleep_for(std::chrono::seconds(30 + host));
	done++;
}

int main()
{
	for (int round = 0; round < 5; round++) {
		for (int host = 0; host < 6 + 2 * round; host++)
			std::thread(retry, host).detach();
		std::this_thread::sleep_for(std::chrono::milliseconds(120));
	}
	return done;
}
