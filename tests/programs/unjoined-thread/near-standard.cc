/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* std::jthread joins by itself, std::async when its future goes, a detached thread needs no join.
 */
#include <atomic>
#include <future>
#include <thread>

int main()
{
	std::atomic<int> done{0};
	int sum = 0;

	for (int i = 0; i < 10; i++) {
		auto later = std::async(std::launch::async, [i] { return i; });
		std::thread([&done] { done++; }).detach();
#ifdef __cpp_lib_jthread
		std::jthread also([&done] { done++; });
#else
		std::thread also([&done] { done++; });
		also.join();
#endif
		sum += later.get();
	}
	while (done < 20)
		std::this_thread::yield();
	return sum != 45;
}
