/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration warning */
/* An epoll loop puts a new timerfd beside its pipe before every wait; main itself is the loop. */
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include "feed.h"

static int watch(int ep, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

int main(void)
{
	struct itimerspec in_3_s = {.it_value.tv_sec = 3};
	int way[2], ep = epoll_create1(EPOLL_CLOEXEC), got = 0;
	struct epoll_event ev;
	pthread_t t;
	char c;

	if (ep < 0 || pipe(way) || pthread_create(&t, NULL, feed_run, &way[1]) || watch(ep, way[0]))
		return 2;
	for (;;) {
		int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

		if (timerfd_settime(timer, 0, &in_3_s, NULL) || watch(ep, timer) ||
		    epoll_wait(ep, &ev, 1, -1) != 1 || ev.data.fd != way[0])
			return 3;
		if (read(way[0], &c, 1) != 1)
			break;
		got++;
	}
	pthread_join(t, NULL);
	close(way[0]);
	close(ep);
	return got != MESSAGES;
}
