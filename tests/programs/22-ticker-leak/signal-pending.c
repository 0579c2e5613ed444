/* SPDX-License-Identifier: MIT */
/* expect: ticker-leak warning */
/*
 * Each session has a signal of its own, blocked and taken with sigwaitinfo(). After the session the
 * timer keeps sending it: one stays pending, the others are overruns.
 */
#include "ticks.h"
#include <signal.h>

static int run_session(int signo)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signo};
	struct itimerspec every = every_ms(PERIOD_MS);
	timer_t timer;
	sigset_t mine;
	int taken = 0;

	sigemptyset(&mine);
	sigaddset(&mine, signo);
	die_unless(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
	die_unless(timer_settime(timer, 0, &every, NULL) == 0, "timer_settime");
	while (taken < 2)
		taken += sigwaitinfo(&mine, NULL) == signo;
	return taken;
}

int main(void)
{
	sigset_t realtime;
	int taken = 0;

	sigemptyset(&realtime);
	for (int i = 0; i < CALLS; i++)
		sigaddset(&realtime, SIGRTMIN + i);
	die_unless(sigprocmask(SIG_BLOCK, &realtime, NULL) == 0, "sigprocmask");
	for (int i = 0; i < CALLS; i++)
		taken += run_session(SIGRTMIN + i);
	sleep_all_ms(5 * PERIOD_MS);
	return taken != 2 * CALLS;
}
