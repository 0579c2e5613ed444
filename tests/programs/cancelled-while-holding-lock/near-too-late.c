/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Cancellation is disabled in the section and comes when the lock is free; and a request that comes
 * after the last cancellation point. */
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t inside, asked;

static void *section(void *arg)
{
	int was;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &was);
	pthread_mutex_lock(&lock);
	sem_post(&inside);
	sem_wait(&asked);
	pthread_mutex_unlock(&lock);
	if (arg)
		return arg;
	pthread_setcancelstate(was, &was);
	pthread_testcancel();
	return &lock;
}

static void *run(void *arg)
{
	pthread_t t;
	void *result;

	pthread_create(&t, NULL, section, arg);
	sem_wait(&inside);
	pthread_cancel(t);
	sem_post(&asked);
	pthread_join(t, &result);
	return result;
}

int main(void)
{
	sem_init(&inside, 0, 0);
	sem_init(&asked, 0, 0);
	return run(NULL) == PTHREAD_CANCELED && run(&lock) == &lock ? 0 : 1;
}
