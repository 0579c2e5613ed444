// SPDX-License-Identifier: MIT
/* expect: send-blocks-shutdown error */
/* hangs: --timeout 1 -> 124 */
// C++: detached workers count themselves out; the owner waits for that and reads no more results.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

static std::mutex m, count;
static std::condition_variable more, room, all_out;
static std::deque<int> results;
static int running = 2;

static void work()
{
	for (int i = 0; i < 10; i++) {
		std::unique_lock<std::mutex> l(m);
		room.wait(l, [] { return results.size() < 2; });
		results.push_back(i);
		more.notify_one();
	}
	std::lock_guard<std::mutex> l(count);
	if (--running == 0)
		all_out.notify_all();
}

int main()
{
	for (int i = 0; i < 2; i++)
		std::thread(work).detach();
	for (int i = 0; i < 3; i++) {
		std::unique_lock<std::mutex> l(m);
		more.wait(l, [] { return !results.empty(); });
		results.pop_front();
		room.notify_one();
	}
	std::unique_lock<std::mutex> l(count);
	all_out.wait(l, [] { return running == 0; });
	return 1;
}
