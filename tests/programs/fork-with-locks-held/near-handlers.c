/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The repaired twin: handlers take the lock around the fork; it is free in the child. */
#include "fork.h"

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static volatile int go;

static void before(void)
{
	go = 1;
	pthread_mutex_lock(&log_lock); /* waits until the other one has done */
	pthread_rwlock_wrlock(&table);
}

static void after(void)
{
	pthread_rwlock_unlock(&table);
	pthread_mutex_unlock(&log_lock);
}

static void in_child(void)
{
	pthread_rwlock_init(&table, NULL);
	pthread_mutex_unlock(&log_lock);
}

static void *logs(void *arg)
{
	pthread_mutex_lock(&log_lock);
	pthread_rwlock_rdlock(&table);
	sem_post(&fork_held);
	while (!go)
		; /* until the fork has begun */
	pthread_rwlock_unlock(&table);
	pthread_mutex_unlock(&log_lock);
	return arg;
}

static void *use(void *arg)
{
	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(&log_lock);
		pthread_rwlock_rdlock(&table);
		pthread_rwlock_unlock(&table);
		pthread_mutex_unlock(&log_lock);
	}
	return arg;
}

static int child(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, use, NULL))
		return 1;
	use(NULL);
	pthread_join(t, NULL);
	return 0;
}

int main(void)
{
	pthread_atfork(before, after, in_child);
	return fork_and_pass(logs, child);
}
