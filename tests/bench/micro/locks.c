/* SPDX-License-Identifier: MIT */
/*
 * Mutexes and rwlocks: alone, nested, private to threads, contended. Called from main.c's table.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct padded_mutex {
	pthread_mutex_t mutex;
} __attribute__((aligned(CACHE_LINE)));

static void mutex_one(void *state, long ops)
{
	struct padded_mutex *locks = state;

	for (long i = 0; i < ops; i++) {
		pthread_mutex_lock(&locks[0].mutex);
		pthread_mutex_unlock(&locks[0].mutex);
	}
}

static void mutex_two(void *state, long ops)
{
	struct padded_mutex *locks = state;

	for (long i = 0; i < ops; i++) {
		pthread_mutex_lock(&locks[0].mutex);
		pthread_mutex_lock(&locks[1].mutex);
		pthread_mutex_unlock(&locks[1].mutex);
		pthread_mutex_unlock(&locks[0].mutex);
	}
}

int bench_mutex(struct meter *m, long depth)
{
	static struct padded_mutex locks[2];

	pthread_mutex_init(&locks[0].mutex, NULL);
	pthread_mutex_init(&locks[1].mutex, NULL);
	meter_loop(m, 20, depth == 1 ? 600000 : 300000, depth == 1 ? mutex_one : mutex_two, locks);
	pthread_mutex_destroy(&locks[1].mutex);
	pthread_mutex_destroy(&locks[0].mutex);
	return 0;
}

static void private_body(void *state, unsigned int index, long ops)
{
	mutex_one((struct padded_mutex *)state + index, ops);
}

int bench_private(struct meter *m, long threads)
{
	static struct padded_mutex locks[16];
	long each = meter_scale(m, 4000000) / threads;
	uint64_t ns;
	int rc = 0;

	for (long i = 0; i < threads; i++)
		pthread_mutex_init(&locks[i].mutex, NULL);
	for (int batch = -1; batch < 4 && !rc; batch++) {
		rc = crew_run((unsigned int)threads, each, private_body, locks, &ns);
		if (!rc && batch >= 0)
			meter_add(m, ns, (uint64_t)(each * threads));
	}
	for (long i = 0; i < threads; i++)
		pthread_mutex_destroy(&locks[i].mutex);
	return rc;
}

/* Invariant: count is the number of critical sections passed since the last reset. */
struct contended {
	struct padded_mutex lock;
	volatile long count;
};

static void work(void)
{
	for (volatile int i = 0; i < 10; i++)
		;
}

static void contended_body(void *state, unsigned int index, long ops)
{
	struct contended *c = state;

	(void)index;
	for (long i = 0; i < ops; i++) {
		pthread_mutex_lock(&c->lock.mutex);
		c->count++;
		work();
		pthread_mutex_unlock(&c->lock.mutex);
		work();
	}
}

int bench_contended(struct meter *m, long threads)
{
	static struct contended c;
	long each = meter_scale(m, 100000) / threads;
	uint64_t ns;
	int rc = 0;

	pthread_mutex_init(&c.lock.mutex, NULL);
	for (int batch = -1; batch < 9 && !rc; batch++) {
		c.count = 0;
		rc = crew_run((unsigned int)threads, each, contended_body, &c, &ns);
		if (!rc && c.count != each * threads)
			rc = -EPROTO; /* the mutex did not exclude */
		if (!rc && batch >= 0)
			meter_add(m, ns, (uint64_t)(each * threads));
	}
	pthread_mutex_destroy(&c.lock.mutex);
	return rc;
}

static void rwlock_read_body(void *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		pthread_rwlock_rdlock(state);
		pthread_rwlock_unlock(state);
	}
}

static void rwlock_write_body(void *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		pthread_rwlock_wrlock(state);
		pthread_rwlock_unlock(state);
	}
}

int bench_rwlock(struct meter *m, long write)
{
	static pthread_rwlock_t lock __attribute__((aligned(CACHE_LINE)));

	pthread_rwlock_init(&lock, NULL);
	meter_loop(m, 20, 300000, write ? rwlock_write_body : rwlock_read_body, &lock);
	pthread_rwlock_destroy(&lock);
	return 0;
}

static void spin_body(void *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		pthread_spin_lock(state);
		pthread_spin_unlock(state);
	}
}

int bench_spin(struct meter *m, long arg)
{
	static pthread_spinlock_t lock __attribute__((aligned(CACHE_LINE)));

	(void)arg;
	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	meter_loop(m, 20, 300000, spin_body, (void *)&lock);
	pthread_spin_destroy(&lock);
	return 0;
}
