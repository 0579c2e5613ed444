/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* A timer is closed by one thread and put into a poll set by another. */
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include "steps.h"

static int timer, set, hit;

static void *stops(void *arg)
{
	close(timer);
	next_step();
	return arg;
}

static void watches(void)
{
	struct epoll_event e = {.events = EPOLLIN};

	next_step();
	hit = epoll_ctl(set, EPOLL_CTL_ADD, timer, &e) < 0 && errno == EBADF;
}

int main(void)
{
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	set = epoll_create1(EPOLL_CLOEXEC);
	side_by_side(stops, watches);
	close(set);
	return !hit;
}
