/* SPDX-License-Identifier: MIT */
/* expect: ticker-leak warning */
/*
 * SIGEV_SIGNAL with a handler that counts for the session that armed the timer. The session
 * returns; the handler goes on counting for nobody.
 */
#include "ticks.h"
#include <signal.h>

struct session {
	volatile sig_atomic_t ticks;
};

static struct session sessions[CALLS];

static void on_tick(int signo, siginfo_t *info, void *context)
{
	struct session *session = info->si_value.sival_ptr;

	(void)signo;
	(void)context;
	session->ticks = session->ticks + 1;
}

static int run_session(struct session *session)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	struct sigevent event = {
	    .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGRTMIN,
	    .sigev_value.sival_ptr = session,
	};
	sigset_t tick, before;
	timer_t timer;

	sigemptyset(&tick);
	sigaddset(&tick, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &tick, &before);
	die_unless(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
	die_unless(timer_settime(timer, 0, &every, NULL) == 0, "timer_settime");
	while (session->ticks < 2)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return session->ticks >= 2;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART};
	int done = 0;

	die_unless(sigaction(SIGRTMIN, &action, NULL) == 0, "sigaction");
	for (int i = 0; i < CALLS; i++)
		done += run_session(&sessions[i]);
	sleep_all_ms(5 * PERIOD_MS);
	return done != CALLS;
}
