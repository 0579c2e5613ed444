/* SPDX-License-Identifier: MIT */
/* expect: ticker-leak warning */
/* C11 threads, one after another: each arms a ticker, takes a few ticks and ends. */
#include "ticks.h"
#include <threads.h>

static int worker_main(void *arg)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	(void)arg;
	die_unless(fd >= 0, "timerfd_create");
	die_unless(timerfd_settime(fd, 0, &every, NULL) == 0, "timerfd_settime");
	for (int i = 0; i < 2; i++)
		take_tick(fd);
	return 1;
}

int main(void)
{
	int done = 0;

	for (int i = 0; i < CALLS; i++) {
		thrd_t worker;
		int result = 0;

		die_unless(thrd_create(&worker, worker_main, NULL) == thrd_success, "thrd_create");
		thrd_join(worker, &result);
		done += result;
	}
	sleep_all_ms(5 * PERIOD_MS);
	return done != CALLS;
}
