/* SPDX-License-Identifier: MIT */
/* expect: clean */
/*
 * The one clock of the process: started by a function that returns, read by the main loop until the
 * process ends, never stopped.
 */
#include "ticks.h"

#define TICKS 30

static int start_clock(void)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	die_unless(fd >= 0, "timerfd_create");
	die_unless(timerfd_settime(fd, 0, &every, NULL) == 0, "timerfd_settime");
	return fd;
}

int main(void)
{
	int fd = start_clock();
	uint64_t ticks = 0;

	while (ticks < TICKS)
		ticks += take_tick(fd);
	return 0;
}
