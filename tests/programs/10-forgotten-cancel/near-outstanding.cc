/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* C++: requests are sent by calls that return at once, each with a timer for its time-out that is
 * deleted with it. Many are under way when the process is killed. */
#include <csignal>
#include <ctime>
#include <deque>
#include <memory>
#include <unistd.h>

class Request
{
	timer_t timer;

      public:
	explicit Request(int to)
	{
		sigevent ev = {};
		itimerspec in_30_s = {};
		char c = 'r';

		ev.sigev_notify = SIGEV_NONE;
		in_30_s.it_value.tv_sec = 30;
		timer_create(CLOCK_MONOTONIC, &ev, &timer);
		timer_settime(timer, 0, &in_30_s, nullptr);
		if (write(to, &c, 1) != 1)
			throw 1;
	}
	Request(const Request &) = delete;
	~Request()
	{
		timer_delete(timer);
	}
};

int main()
{
	std::deque<std::unique_ptr<Request>> outstanding;
	int way[2];

	if (pipe(way))
		return 2;
	for (int i = 0; i < 40; i++) {
		outstanding.push_back(std::make_unique<Request>(way[1]));
		usleep(100);
		if (outstanding.size() > 24)
			outstanding.pop_front();
	}
	for (;;)
		pause();
}
