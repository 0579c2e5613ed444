/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler warning */
/* A POSIX timer's handler takes a token from a semaphore that its own thread uses as well. */
#include <time.h>
#include "wait.h"

static sem_t tokens;

static void on_timer(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)info, (void)context;
	sem_wait(&tokens);
	sem_post(&tokens);
	came++;
}

int main(void)
{
	struct sigevent ev;
	struct itimerspec every = {{0, 1000000}, {0, 1000000}};
	struct sigaction a;
	timer_t timer;

	memset(&ev, 0, sizeof(ev));
	memset(&a, 0, sizeof(a));
	sem_init(&tokens, 0, 2);
	sem_wait(&tokens); /* known to be used by this thread */
	sem_post(&tokens);
	a.sa_sigaction = on_timer;
	a.sa_flags = SA_SIGINFO | SA_RESTART;
	sigaction(SIGRTMIN + 1, &a, NULL);
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = SIGRTMIN + 1;
	timer_create(CLOCK_MONOTONIC, &ev, &timer);
	timer_settime(timer, 0, &every, NULL);
	while (came < 20)
		;
	timer_delete(timer);
	sem_destroy(&tokens);
	return 0;
}
