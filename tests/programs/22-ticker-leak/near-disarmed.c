/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One timerfd for all calls, armed when a call begins, disarmed when it returns, closed in the end.
 */
#include "ticks.h"

static int ticker;

static int run_session(void)
{
	struct itimerspec every = every_ms(PERIOD_MS), never = {0};

	die_unless(timerfd_settime(ticker, 0, &every, NULL) == 0, "timerfd_settime");
	for (int i = 0; i < 2; i++)
		take_tick(ticker);
	die_unless(timerfd_settime(ticker, 0, &never, NULL) == 0, "timerfd_settime");
	return 1;
}

int main(void)
{
	int done = 0;

	ticker = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	die_unless(ticker >= 0, "timerfd_create");
	for (int i = 0; i < CALLS; i++) {
		done += run_session();
		sleep_all_ms(2 * PERIOD_MS);
	}
	close(ticker);
	return done != CALLS;
}
