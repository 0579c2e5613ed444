/* SPDX-License-Identifier: MIT */
/* expect: ticker-leak warning */
/*
 * A progress watcher: a timerfd in a poll set together with the work. When the work is done the
 * function returns; the timer, which was read at most once, goes on.
 */
#include "ticks.h"
#include <poll.h>

static int watch_progress(int work)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	struct pollfd set[2] = {{.fd = work, .events = POLLIN}, {.events = POLLIN}};
	int ticked = 0;
	char byte;

	set[1].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	die_unless(set[1].fd >= 0, "timerfd_create");
	die_unless(timerfd_settime(set[1].fd, 0, &every, NULL) == 0, "timerfd_settime");
	while (!ticked) {
		die_unless(poll(set, 2, -1) > 0, "poll");
		if (set[1].revents & POLLIN)
			ticked = take_tick(set[1].fd) > 0;
	}
	return read(work, &byte, 1) == 1;
}

int main(void)
{
	int ends[2], done = 0;

	die_unless(pipe(ends) == 0, "pipe");
	for (int i = 0; i < CALLS; i++) {
		die_unless(write(ends[1], "w", 1) == 1, "write");
		done += watch_progress(ends[0]);
	}
	close(ends[0]);
	close(ends[1]);
	sleep_all_ms(5 * PERIOD_MS);
	return done != CALLS;
}
