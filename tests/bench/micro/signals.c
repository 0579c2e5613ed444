/* SPDX-License-Identifier: MIT */
/*
 * Threads telling each other something: condition variable, semaphore, birth and join.
 * Called from main.c's table.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

/* Invariant: turn (0 or 1) is the index of the thread that may go on; guarded by mutex. */
struct pingpong {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned int turn;
};

static void pingpong_body(void *state, unsigned int index, long ops)
{
	struct pingpong *p = state;

	pthread_mutex_lock(&p->mutex);
	for (long i = 0; i < ops; i++) {
		while (p->turn != index)
			pthread_cond_wait(&p->changed, &p->mutex);
		p->turn = !index;
		pthread_cond_signal(&p->changed);
	}
	pthread_mutex_unlock(&p->mutex);
}

int bench_pingpong(struct meter *m, long arg)
{
	struct pingpong p = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
	long each = meter_scale(m, 1000);
	uint64_t ns;

	(void)arg;
	for (int batch = -1; batch < 5; batch++) {
		int rc = crew_run(2, each, pingpong_body, &p, &ns);

		if (rc)
			return rc;
		if (batch >= 0)
			meter_add(m, ns, (uint64_t)(2 * each));
	}
	pthread_cond_destroy(&p.changed);
	pthread_mutex_destroy(&p.mutex);
	return 0;
}

static void sem_body(void *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		sem_post(state);
		sem_wait(state);
	}
}

int bench_sem(struct meter *m, long arg)
{
	static sem_t sem __attribute__((aligned(CACHE_LINE)));

	(void)arg;
	if (sem_init(&sem, 0, 0))
		return -errno;
	meter_loop(m, 20, 400000, sem_body, &sem);
	sem_destroy(&sem);
	return 0;
}

static void *thread_nothing(void *arg)
{
	return arg;
}

static void thread_body(void *state, long ops)
{
	int *failed = state;
	pthread_t t;

	for (long i = 0; i < ops; i++) {
		*failed = pthread_create(&t, NULL, thread_nothing, NULL);
		if (*failed)
			return;
		pthread_join(t, NULL);
	}
}

int bench_thread(struct meter *m, long arg)
{
	int failed = 0;

	(void)arg;
	meter_loop(m, 5, 600, thread_body, &failed);
	return -failed;
}
