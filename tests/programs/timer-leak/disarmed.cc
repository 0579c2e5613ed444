/* SPDX-License-Identifier: MIT */
/* expect: timer-leak warning */
/* C++: a guard that is armed when an operation turns out slow, which none does; its destructor
 * stops it, but does not delete it. */
#include <csignal>
#include <ctime>

class Guard
{
	timer_t timer;

	void set(time_t seconds)
	{
		itimerspec to = {};

		to.it_value.tv_sec = seconds;
		timer_settime(timer, 0, &to, nullptr);
	}

      public:
	Guard()
	{
		sigevent ev = {};

		ev.sigev_notify = SIGEV_NONE;
		timer_create(CLOCK_MONOTONIC, &ev, &timer);
	}
	void slow()
	{
		set(30);
	}
	~Guard()
	{
		set(0);
	}
};

__attribute__((noinline)) static int operation(int steps)
{
	Guard guard;

	if (steps > 1000)
		guard.slow();
	return steps > 1000;
}

int main()
{
	int bad = 0;

	for (int i = 0; i < 12; i++)
		bad += operation(i);
	return bad;
}
