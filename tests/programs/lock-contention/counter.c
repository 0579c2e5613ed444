/* SPDX-License-Identifier: MIT */
/* expect: lock-contention note */
/* Three threads look something up under the lock for which a fourth keeps them waiting. */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

enum { READERS = 3, ROUNDS = 30 };

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t round_begins;
static sem_t held;
static volatile long entries;

static void work_ms(long ms)
{
	struct timespec t, until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	do {
		entries++;
		clock_gettime(CLOCK_MONOTONIC, &t);
	} while (t.tv_sec < until.tv_sec ||
		 (t.tv_sec == until.tv_sec && t.tv_nsec < until.tv_nsec));
}

static __attribute__((noinline)) void rebuild(void)
{
	pthread_mutex_lock(&table);
	for (int i = 0; i < READERS; i++)
		sem_post(&held);
	work_ms(4);
	pthread_mutex_unlock(&table);
}

static __attribute__((noinline)) void look_up(void)
{
	sem_wait(&held);
	pthread_mutex_lock(&table);
	entries++;
	pthread_mutex_unlock(&table);
}

static void *reader(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&round_begins);
		look_up();
	}
	return arg;
}

int main(void)
{
	pthread_t t[READERS];

	sem_init(&held, 0, 0);
	pthread_barrier_init(&round_begins, NULL, READERS + 1);
	for (int i = 0; i < READERS; i++)
		if (pthread_create(&t[i], NULL, reader, NULL))
			return 2;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&round_begins);
		rebuild();
	}
	for (int i = 0; i < READERS; i++)
		pthread_join(t[i], NULL);
	return 0;
}
