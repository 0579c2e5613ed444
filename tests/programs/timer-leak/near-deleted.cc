/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* C++: the same with a destructor, and timers kept in a container until it goes. */
#include <csignal>
#include <ctime>
#include <memory>
#include <vector>

class Deadline
{
	timer_t timer;

      public:
	Deadline()
	{
		sigevent ev = {};
		itimerspec in_30_s = {};

		ev.sigev_notify = SIGEV_NONE;
		in_30_s.it_value.tv_sec = 30;
		timer_create(CLOCK_MONOTONIC, &ev, &timer);
		timer_settime(timer, 0, &in_30_s, nullptr);
	}
	Deadline(const Deadline &) = delete;
	~Deadline()
	{
		timer_delete(timer);
	}
};

int main()
{
	std::vector<std::unique_ptr<Deadline>> kept;

	for (int i = 0; i < 12; i++) {
		Deadline one;

		kept.push_back(std::make_unique<Deadline>());
	}
	return kept.size() != 12;
}
