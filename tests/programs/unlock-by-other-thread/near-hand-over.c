/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Handed over properly: released by its holder, then taken by the next one. */
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static sem_t yours;

static void *next(void *arg)
{
	sem_wait(&yours);
	pthread_mutex_lock(&lock);
	pthread_rwlock_rdlock(&table);
	pthread_rwlock_unlock(&table);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&yours, 0, 0);
	pthread_mutex_lock(&lock);
	pthread_rwlock_rdlock(&table);
	pthread_create(&t, NULL, next, NULL);
	sem_post(&yours);
	pthread_rwlock_unlock(&table);
	pthread_mutex_unlock(&lock);
	pthread_join(t, NULL);
	return sem_destroy(&yours);
}
