/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration warning */
/* C++: each pop from a monitor queue begins with a Timeout whose class has no destructor. */
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <queue>
#include <thread>

static constexpr int ITEMS = 40;

struct Timeout {
	timer_t timer;

	explicit Timeout(time_t seconds)
	{
		sigevent ev = {};
		itimerspec to = {};

		ev.sigev_notify = SIGEV_NONE;
		to.it_value.tv_sec = seconds;
		timer_create(CLOCK_MONOTONIC, &ev, &timer);
		timer_settime(timer, 0, &to, nullptr);
	}
	bool over() const
	{
		itimerspec left = {};

		return timer_gettime(timer, &left) ||
		       (!left.it_value.tv_sec && !left.it_value.tv_nsec);
	}
};

static std::mutex lock;
static std::condition_variable filled;
static std::queue<int> items;
static bool waiting;

/* The next item, -1 when there was none for a while. */
static int pop()
{
	Timeout idle(4);
	std::unique_lock<std::mutex> hold(lock);
	int item;

	while (items.empty() && !idle.over()) {
		waiting = true;
		filled.wait(hold);
	}
	waiting = false;
	if (items.empty())
		return -1;
	item = items.front();
	items.pop();
	return item;
}

/* When somebody waits for it. */
static void push(int item)
{
	for (;;) {
		std::lock_guard<std::mutex> hold(lock);

		if (!waiting || !items.empty())
			continue;
		items.push(item);
		filled.notify_one();
		return;
	}
}

int main()
{
	int sum = 0;
	std::thread consumer([&sum] {
		for (int item; (item = pop()) > 0;)
			sum += item;
	});

	for (int i = ITEMS; i >= 0; i--)
		push(i);
	consumer.join();
	return sum != ITEMS * (ITEMS + 1) / 2;
}
