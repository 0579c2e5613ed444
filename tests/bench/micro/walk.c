/* SPDX-License-Identifier: MIT */
/*
 * Many mutexes: a walk over a heap array of them, fresh or after many others have come and gone.
 * Called from main.c's table.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define WALK 100000

static void walk_body(void *state, long ops)
{
	pthread_mutex_t *locks = state;

	for (long i = 0; i < ops; i++) {
		pthread_mutex_lock(&locks[i]);
		pthread_mutex_unlock(&locks[i]);
	}
}

/* Up to WALK mutexes at a time, each in its own block of the heap, used once, then destroyed. */
static int age(long total)
{
	pthread_mutex_t **alive = malloc(WALK * sizeof(*alive));

	if (!alive)
		return -ENOMEM;
	while (total > 0) {
		long n = total < WALK ? total : WALK;

		for (long i = 0; i < n; i++) {
			alive[i] = malloc(sizeof(*alive[i]));
			if (!alive[i])
				abort();
			pthread_mutex_init(alive[i], NULL);
			pthread_mutex_lock(alive[i]);
			pthread_mutex_unlock(alive[i]);
		}
		for (long i = 0; i < n; i++) {
			pthread_mutex_destroy(alive[i]);
			free(alive[i]);
		}
		total -= n;
	}
	free(alive);
	return 0;
}

int bench_walk(struct meter *m, long before)
{
	pthread_mutex_t *locks;
	int rc = before ? age(meter_scale(m, before)) : 0;

	if (rc)
		return rc;
	locks = malloc(WALK * sizeof(*locks));
	if (!locks)
		return -ENOMEM;
	for (long i = 0; i < WALK; i++)
		pthread_mutex_init(&locks[i], NULL);
	walk_body(locks, WALK); /* the warm-up below is a shorter one if scaled */
	meter_loop(m, 60, WALK, walk_body, locks);
	for (long i = 0; i < WALK; i++)
		pthread_mutex_destroy(&locks[i]);
	free(locks);
	return 0;
}

/* No init: most mutexes are born by PTHREAD_MUTEX_INITIALIZER, and first seen when locked. */
int bench_walk_first(struct meter *m, long arg)
{
	static const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
	long n = meter_scale(m, WALK);

	(void)arg;
	for (int batch = 0; batch < 10; batch++) {
		pthread_mutex_t *locks = malloc(WALK * sizeof(*locks));
		uint64_t began;

		if (!locks)
			return -ENOMEM;
		for (long i = 0; i < WALK; i++)
			locks[i] = fresh;
		began = now_ns();
		walk_body(locks, n);
		meter_add(m, now_ns() - began, (uint64_t)n);
		free(locks);
	}
	return 0;
}
