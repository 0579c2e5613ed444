/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* C++: each connection's ticker goes with it; a few are there at any time, and all at the end are
 * deleted. */
#include <csignal>
#include <ctime>
#include <deque>
#include <memory>

class Ticker
{
	timer_t timer;

      public:
	Ticker()
	{
		sigevent ev = {};
		itimerspec every = {{0, 4000000}, {0, 4000000}};

		ev.sigev_notify = SIGEV_SIGNAL;
		ev.sigev_signo = SIGUSR1;
		timer_create(CLOCK_MONOTONIC, &ev, &timer);
		timer_settime(timer, 0, &every, nullptr);
	}
	Ticker(const Ticker &) = delete;
	~Ticker()
	{
		timer_delete(timer);
	}
};

int main()
{
	std::deque<std::unique_ptr<Ticker>> connections;

	signal(SIGUSR1, [](int) {});
	for (int i = 0; i < 40; i++) {
		connections.push_back(std::make_unique<Ticker>());
		if (connections.size() > 6)
			connections.pop_front();
		timespec pause = {0, 1000000};
		nanosleep(&pause, nullptr);
	}
	return connections.size() != 6;
}
