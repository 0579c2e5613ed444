/* SPDX-License-Identifier: MIT */
/* What the programs here share: threads that meet, and an end to the program although some of them
 * hang. */
#ifndef RING_H
#define RING_H

#include <pthread.h>
#include <unistd.h>

static pthread_barrier_t all_hold; /* each thread has its first lock */

static inline void meet(int n)
{
	pthread_barrier_init(&all_hold, NULL, (unsigned)n);
}

static inline void start(void *(*f)(void *), void *arg)
{
	pthread_t t;

	pthread_create(&t, NULL, f, arg);
	pthread_detach(t);
}

/* Time for the last one to hang; nothing depends on more than that. */
static inline int hang_a_while(void)
{
	usleep(300000);
	_exit(0);
}

#endif
