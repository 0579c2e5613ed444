/* SPDX-License-Identifier: MIT */
/* expect: lock-contention note */
/* C++: readers of a shared_mutex wait for the one that writes. */
#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

static std::shared_mutex routes;
static std::atomic<bool> writing;
static std::atomic<int> seen;

__attribute__((noinline)) static void reload()
{
	std::unique_lock hold(routes);
	auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(4);

	writing = true;
	while (std::chrono::steady_clock::now() < until)
		;
	writing = false;
}

__attribute__((noinline)) static void route()
{
	while (!writing)
		std::this_thread::yield();
	std::shared_lock hold(routes);

	seen++;
}

int main()
{
	for (int i = 0; i < 20; i++) {
		std::vector<std::thread> readers;

		for (int k = 0; k < 3; k++)
			readers.emplace_back(route);
		while (seen < 3 * (i + 1))
			reload();
		for (auto &t : readers)
			t.join();
	}
	return 0;
}
