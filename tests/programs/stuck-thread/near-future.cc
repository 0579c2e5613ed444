// SPDX-License-Identifier: MIT
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
// A future waits on a futex of its own, which no call shows: nothing may be said of who else waits.
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

int main()
{
	std::promise<int> answer;
	std::future<int> f = answer.get_future();
	std::mutex m;
	std::condition_variable c;
	std::thread t([&] {
		std::unique_lock<std::mutex> l(m);
		c.wait(l);
	});

	f.wait();
	t.join();
	return 0;
}
