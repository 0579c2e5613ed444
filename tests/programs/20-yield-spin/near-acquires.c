/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A spin lock of one's own: it ends when the lock is got. */
#include "spin.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int tries;

static void *worker(void *arg)
{
	(void)arg;
	while (pthread_mutex_trylock(&lock) == EBUSY) {
		atomic_fetch_add(&tries, 1);
		sched_yield();
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *holder(void *arg)
{
	sem_t *has = arg;

	pthread_mutex_lock(&lock);
	sem_post(has);
	while (atomic_load(&tries) < LONG_SPIN)
		usleep(1000);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t a, b;
	sem_t has;

	sem_init(&has, 0, 0);
	MUST(pthread_create(&a, NULL, holder, &has) == 0);
	sem_wait(&has);
	MUST(pthread_create(&b, NULL, worker, NULL) == 0);
	pthread_join(b, NULL);
	pthread_join(a, NULL);
	return 0;
}
