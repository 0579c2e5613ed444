/* SPDX-License-Identifier: MIT */
/* What these programs share: installing a handler, and a timer that sends until told otherwise. */
#ifndef WAIT_H
#define WAIT_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t came;

static inline void on(int sig, void (*handler)(int), int flags)
{
	struct sigaction a;

	memset(&a, 0, sizeof(a));
	a.sa_handler = handler;
	a.sa_flags = flags;
	sigaction(sig, &a, NULL);
}

/* SIGALRM every millisecond. */
static inline void tick(void)
{
	struct itimerval v = {{0, 1000}, {0, 1000}};

	setitimer(ITIMER_REAL, &v, NULL);
}
static inline void no_tick(void)
{
	struct itimerval v = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &v, NULL);
}

#endif
