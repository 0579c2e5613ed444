/* SPDX-License-Identifier: MIT */
/* What the programs here share: threads that meet, and an end to the program although some of them
 * hang. */
#ifndef RING_H
#define RING_H

#include <pthread.h>
#include <unistd.h>

static int expected, come; /* each thread has its first lock */

static inline void meet(int n)
{
	expected = n;
}

/* Without a call: a lock held while others are waited for would be a finding of its own. */
static inline void all_hold(void)
{
	__atomic_fetch_add(&come, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&come, __ATOMIC_SEQ_CST) < expected)
		;
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
