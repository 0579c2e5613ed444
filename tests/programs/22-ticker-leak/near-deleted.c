/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A POSIX timer a call, deleted by the call that made it, with ticks still pending. */
#include "ticks.h"
#include <signal.h>

static int run_session(const sigset_t *tick)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec every = every_ms(PERIOD_MS);
	timer_t timer;

	die_unless(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
	die_unless(timer_settime(timer, 0, &every, NULL) == 0, "timer_settime");
	for (int i = 0; i < 2; i++)
		die_unless(sigwaitinfo(tick, NULL) == SIGRTMIN, "sigwaitinfo");
	sleep_all_ms(2 * PERIOD_MS);
	die_unless(timer_delete(timer) == 0, "timer_delete");
	return 1;
}

int main(void)
{
	sigset_t tick;
	int done = 0;

	sigemptyset(&tick);
	sigaddset(&tick, SIGRTMIN);
	die_unless(sigprocmask(SIG_BLOCK, &tick, NULL) == 0, "sigprocmask");
	for (int i = 0; i < CALLS; i++)
		done += run_session(&tick);
	return done != CALLS;
}
