/* SPDX-License-Identifier: MIT */
/* expect: timer-accumulation warning */
/* A ticker for each connection goes on after it; one thread takes the ticks of all (of a queued
 * signal: none is lost). */
#include <signal.h>
#include <time.h>

static __attribute__((noinline)) int connection(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec every = {{0, 25000000}, {0, 25000000}};
	timer_t timer;

	return timer_create(CLOCK_MONOTONIC, &ev, &timer) || timer_settime(timer, 0, &every, NULL);
}

int main(void)
{
	sigset_t set;
	int bad = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 8; i++)
		bad += connection();
	for (int ticks = 0; ticks < 100; ticks++)
		bad += sigwaitinfo(&set, NULL) != SIGRTMIN;
	return bad;
}
