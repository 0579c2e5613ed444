/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The waits have cleanup handlers, one of which takes another lock first. */
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t inside, never;

static void unlock(void *m)
{
	pthread_mutex_lock(&log_lock);
	pthread_mutex_unlock(&log_lock);
	pthread_mutex_unlock(m);
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	sem_post(&inside);
	for (;;)
		pthread_cond_wait(&changed, &lock);
	pthread_cleanup_pop(1);
	return arg;
}
static void *in_sem(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, &lock);
	sem_post(&inside);
	sem_wait(&never);
	pthread_cleanup_pop(1);
	return arg;
}

static int run(void *(*start)(void *))
{
	pthread_t t;
	void *result;

	pthread_create(&t, NULL, start, NULL);
	sem_wait(&inside);
	pthread_cancel(t);
	pthread_join(t, &result);
	return result != PTHREAD_CANCELED;
}

int main(void)
{
	int bad;

	sem_init(&inside, 0, 0);
	sem_init(&never, 0, 0);
	bad = run(in_cond) || run(in_sem) || pthread_mutex_trylock(&lock);
	return bad;
}
