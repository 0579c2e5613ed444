/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration warning */
/* hangs: --timeout 1 -> 124 */
/* A loop over ppoll() that never ends: when it is killed, what it has left tells. */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/timerfd.h>
#include "feed.h"

static int wait_for(int fd)
{
	struct itimerspec in_30_s = {.it_value.tv_sec = 30};
	int timer = timerfd_create(CLOCK_BOOTTIME, 0);
	struct pollfd set[] = {{.fd = timer, .events = POLLIN}, {.fd = fd, .events = POLLIN}};

	timerfd_settime(timer, 0, &in_30_s, NULL);
	return ppoll(set, 2, NULL, NULL) == 1 && set[1].revents & POLLIN;
}

int main(void)
{
	int way[2], got = 0;
	char c = 'm';

	if (pipe(way))
		return 2;
	for (int i = 0; i < MESSAGES; i++)
		if (write(way[1], &c, 1) != 1)
			return 2;
	while (wait_for(way[0]) && read(way[0], &c, 1) == 1)
		got++;
	return got == MESSAGES;
}
