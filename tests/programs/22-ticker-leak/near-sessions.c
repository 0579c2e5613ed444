/* SPDX-License-Identifier: MIT */
/* expect: clean */
/*
 * Ten sessions at once, each with a heartbeat made by a function that has returned; one epoll loop
 * reads them all, and closes each when its session is over.
 */
#include "ticks.h"
#include <sys/epoll.h>

#define SESSIONS 10

struct session {
	int heartbeat;
	int left; /* beats until it is over */
};

static void session_begin(struct session *session, int epoll, int beats)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};

	session->left = beats;
	session->heartbeat = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	die_unless(session->heartbeat >= 0, "timerfd_create");
	die_unless(timerfd_settime(session->heartbeat, 0, &every, NULL) == 0, "timerfd_settime");
	die_unless(epoll_ctl(epoll, EPOLL_CTL_ADD, session->heartbeat, &event) == 0, "epoll_ctl");
}

int main(void)
{
	struct session sessions[SESSIONS];
	int epoll = epoll_create1(EPOLL_CLOEXEC), over = 0;

	die_unless(epoll >= 0, "epoll_create1");
	for (int i = 0; i < SESSIONS; i++)
		session_begin(&sessions[i], epoll, 4 + 3 * (i % 4));
	while (over < SESSIONS) {
		struct epoll_event events[4];
		int ready = epoll_wait(epoll, events, 4, -1);

		die_unless(ready > 0, "epoll_wait");
		for (int i = 0; i < ready; i++) {
			struct session *session = events[i].data.ptr;

			take_tick(session->heartbeat);
			if (--session->left > 0)
				continue;
			close(session->heartbeat);
			over++;
		}
	}
	close(epoll);
	return 0;
}
