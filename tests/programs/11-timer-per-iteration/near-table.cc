/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* C++: connections with an idle timer each, all polled together for as long as they are there. None
 * has gone yet when the process is killed. */
#include <poll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <vector>

static constexpr int CONNECTIONS = 20;

int main()
{
	std::vector<pollfd> set;
	int accepts[2];
	char c = 'c';

	if (pipe(accepts))
		return 2;
	set.push_back({accepts[0], POLLIN, 0});
	for (int i = 0; i < CONNECTIONS; i++) {
		itimerspec idle = {};
		int pair[2], timer = timerfd_create(CLOCK_MONOTONIC, 0);

		idle.it_value.tv_sec = 60;
		if (write(accepts[1], &c, 1) != 1 || poll(set.data(), set.size(), -1) != 1 ||
		    read(accepts[0], &c, 1) != 1 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
		    timerfd_settime(timer, 0, &idle, nullptr))
			return 3;
		set.push_back({pair[0], POLLIN, 0});
		set.push_back({timer, POLLIN, 0});
	}
	for (;;)
		poll(set.data(), set.size(), -1);
}
