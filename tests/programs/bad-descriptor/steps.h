/* SPDX-License-Identifier: MIT */
/* For the programs here: two threads that take turns. */
#ifndef STEPS_H
#define STEPS_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_barrier_t step;

static inline void next_step(void)
{
	pthread_barrier_wait(&step);
}

/* Runs `other` in a second thread and `mine` in the first. */
static inline void side_by_side(void *(*other)(void *), void (*mine)(void))
{
	pthread_t t;

	pthread_barrier_init(&step, NULL, 2);
	if (pthread_create(&t, NULL, other, NULL))
		_exit(1);
	mine();
	pthread_join(t, NULL);
	pthread_barrier_destroy(&step);
}

#endif
