/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One timerfd for all waits; one made anew for each and closed on the way round; poll's own
 * time-out. */
#include <poll.h>
#include <sys/timerfd.h>
#include "feed.h"

static int arm(int fd)
{
	struct itimerspec in_2_s = {.it_value.tv_sec = 2};

	return timerfd_settime(fd, 0, &in_2_s, NULL);
}

static int wait_with(int in, int timer)
{
	struct pollfd set[] = {{.fd = in, .events = POLLIN}, {.fd = timer, .events = POLLIN}};

	return arm(timer) || poll(set, 2, -1) < 0 || !set[0].revents;
}

static int wait_fresh(int in)
{
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), rc = wait_with(in, timer);

	close(timer);
	return rc;
}

int main(void)
{
	int way[2], timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), got = 0;
	pthread_t t;
	char c;

	if (pipe(way) || pthread_create(&t, NULL, feed_run, &way[1]))
		return 2;
	for (;;) {
		struct pollfd in = {.fd = way[0], .events = POLLIN};

		if (got % 3 == 0   ? wait_with(way[0], timer)
		    : got % 3 == 1 ? wait_fresh(way[0])
				   : poll(&in, 1, 2000) != 1)
			return 3;
		if (read(way[0], &c, 1) != 1)
			break;
		got++;
	}
	pthread_join(t, NULL);
	close(way[0]);
	close(timer);
	return got != MESSAGES;
}
