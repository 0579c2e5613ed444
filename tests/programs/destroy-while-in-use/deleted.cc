// SPDX-License-Identifier: MIT
/* expect: destroy-while-in-use error */
/* C++: an object is deleted while a thread waits for its std::mutex. */
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <unistd.h>

struct Queue {
	std::mutex lock;
	int n = 0;
	int more()
	{
		std::lock_guard<std::mutex> g(lock);
		return ++n;
	}
};

/* Has the thread gone to sleep in the kernel? */
static bool sleeps(int tid)
{
	char name[64], state = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", tid);
	f = fopen(name, "r");
	if (f && fscanf(f, "%*d %*s %c", &state) != 1)
		state = 0;
	if (f)
		fclose(f);
	return state == 'S';
}

int main()
{
	auto q = std::make_unique<Queue>();
	std::atomic<int> tid{0};

	q->lock.lock();
	std::thread t([&q, &tid, raw = q.get()] {
		tid = gettid();
		raw->more();
	});
	while (!tid || !sleeps(tid))
		std::this_thread::yield();
	q.reset();
	t.detach();
	_exit(0);
}
