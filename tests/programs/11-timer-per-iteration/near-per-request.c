/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A server with a timer for each outstanding request, beside the descriptor that requests and
 * answers come by; each is closed with its request, and many are outstanding at a time. */
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include "feed.h"

enum { OUTSTANDING = 16 };

static int begin(int ep)
{
	struct itimerspec in_9_s = {.it_value.tv_sec = 9};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = timer};

	return timerfd_settime(timer, 0, &in_9_s, NULL) || epoll_ctl(ep, EPOLL_CTL_ADD, timer, &ev)
		   ? -1
		   : timer;
}

int main(void)
{
	int way[2], ep = epoll_create1(0), timer[OUTSTANDING], got = 0;
	struct epoll_event ev = {.events = EPOLLIN};
	pthread_t t;
	char c;

	if (ep < 0 || pipe(way) || pthread_create(&t, NULL, feed_run, &way[1]))
		return 2;
	ev.data.fd = way[0];
	epoll_ctl(ep, EPOLL_CTL_ADD, way[0], &ev);
	for (;; got++) {
		if (epoll_wait(ep, &ev, 1, -1) != 1 || ev.data.fd != way[0])
			return 3;
		if (read(way[0], &c, 1) != 1)
			break;
		if (got >= OUTSTANDING)
			close(timer[got % OUTSTANDING]);
		timer[got % OUTSTANDING] = begin(ep);
	}
	for (int i = 0; i < OUTSTANDING; i++)
		close(timer[i]);
	pthread_join(t, NULL);
	close(way[0]);
	close(ep);
	return got != MESSAGES;
}
