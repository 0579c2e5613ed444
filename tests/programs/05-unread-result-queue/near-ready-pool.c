/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Workers say that they are ready, and wait for jobs; at the end they idle. Said by semaphores and,
 * for the second pool, under a mutex. */
#include <pthread.h>
#include <semaphore.h>
#include "../stuck-thread/hang.h"

#define WORKERS 12
#define JOBS	30

static sem_t ready, jobs, done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_ready = PTHREAD_COND_INITIALIZER, more = PTHREAD_COND_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
static int nready, njobs, nfinished;
static volatile int tids[2 * WORKERS];

static void *by_sem(void *arg)
{
	*(volatile int *)arg = own_tid();
	sem_post(&ready);
	for (;;) {
		sem_wait(&jobs);
		sem_post(&done);
	}
	return NULL;
}

static void *by_cond(void *arg)
{
	*(volatile int *)arg = own_tid();
	pthread_mutex_lock(&lock);
	nready++;
	pthread_cond_signal(&is_ready);
	for (;;) {
		while (!njobs)
			pthread_cond_wait(&more, &lock);
		njobs--;
		nfinished++;
		pthread_cond_signal(&finished);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[2 * WORKERS];

	sem_init(&ready, 0, 0);
	sem_init(&jobs, 0, 0);
	sem_init(&done, 0, 0);
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&t[i], NULL, by_sem, (void *)&tids[i]))
			return 1;
	for (int i = 0; i < WORKERS; i++)
		sem_wait(&ready);
	for (int i = WORKERS; i < 2 * WORKERS; i++)
		if (pthread_create(&t[i], NULL, by_cond, (void *)&tids[i]))
			return 1;
	pthread_mutex_lock(&lock);
	while (nready < WORKERS)
		pthread_cond_wait(&is_ready, &lock);
	for (int i = 0; i < JOBS; i++) {
		njobs++;
		pthread_cond_signal(&more);
	}
	while (nfinished < JOBS)
		pthread_cond_wait(&finished, &lock);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < JOBS; i++)
		sem_post(&jobs);
	for (int i = 0; i < JOBS; i++)
		sem_wait(&done);
	for (int i = 0; i < 2 * WORKERS; i++)
		until_asleep(&tids[i]);
	return 0;
}
