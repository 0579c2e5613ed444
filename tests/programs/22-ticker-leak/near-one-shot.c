/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One-shot timers, many, each read once and closed: nothing periodic here. */
#include "ticks.h"

#define AT_ONCE 6

static int arm_deadline(long ms)
{
	struct itimerspec once = once_ms(ms);
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	die_unless(fd >= 0, "timerfd_create");
	die_unless(timerfd_settime(fd, 0, &once, NULL) == 0, "timerfd_settime");
	return fd;
}

int main(void)
{
	uint64_t fired = 0;

	for (int round = 0; round < CALLS; round++) {
		int fds[AT_ONCE];

		for (int i = 0; i < AT_ONCE; i++)
			fds[i] = arm_deadline(i + 1);
		for (int i = 0; i < AT_ONCE; i++) {
			fired += take_tick(fds[i]);
			close(fds[i]);
		}
	}
	return fired != CALLS * AT_ONCE;
}
