/* SPDX-License-Identifier: MIT */
/*
 * Faults to be known and accepted: known KIND..., each once. "owner" and "stranger" unlock what
 * another thread holds, in two functions; "ring" hangs in a deadlock of two threads.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static atomic_int come;
static sem_t turn;

static void *holder(void *arg)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, **out = arg;

	pthread_mutex_lock(&mutex);
	*out = &mutex;
	sem_post(&turn);
	while (!come)
		sched_yield();
	return NULL;
}

static __attribute__((noinline)) void owner(pthread_mutex_t *mutex)
{
	pthread_mutex_unlock(mutex); /* owner unlocks */
}

static __attribute__((noinline)) void stranger(pthread_mutex_t *mutex)
{
	pthread_mutex_unlock(mutex); /* stranger unlocks */
}

static void misuse(void (*unlock)(pthread_mutex_t *))
{
	pthread_mutex_t *mutex = NULL;
	pthread_t t;

	come = 0;
	if (pthread_create(&t, NULL, holder, &mutex))
		exit(2);
	sem_wait(&turn);
	unlock(mutex);
	come = 1;
	pthread_join(t, NULL);
}

static void meet(void)
{
	come++;
	while (come < 3)
		sched_yield();
}

static void *one_way(void *arg)
{
	pthread_mutex_lock(&held);
	meet();
	pthread_mutex_lock(&other); /* one wants */
	return arg;
}

static void *other_way(void *arg)
{
	pthread_mutex_lock(&other);
	meet();
	pthread_mutex_lock(&held); /* other wants */
	return arg;
}

static void ring(void)
{
	pthread_t a, b;

	come = 0;
	if (pthread_create(&a, NULL, one_way, NULL) || pthread_create(&b, NULL, other_way, NULL))
		exit(2);
	meet();
	pthread_join(a, NULL);
}

int main(int argc, char **argv)
{
	sem_init(&turn, 0, 0);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "owner"))
			misuse(owner);
		else if (!strcmp(argv[i], "stranger"))
			misuse(stranger);
		else if (!strcmp(argv[i], "ring"))
			ring();
	}
	return 0;
}
