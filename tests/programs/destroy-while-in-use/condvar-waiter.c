/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* Nobody woke the waiter before its condvar is destroyed; libc would wait for it for ever. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t holds;

static void *waits(void *arg)
{
	pthread_mutex_lock(&lock);
	sem_post(&holds);
	pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *destroys(void *arg)
{
	sem_wait(&holds);
	pthread_mutex_lock(&lock); /* from here on it waits */
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&cond);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&holds, 0, 0);
	pthread_create(&t, NULL, waits, NULL);
	pthread_detach(t);
	pthread_create(&t, NULL, destroys, NULL);
	pthread_detach(t);
	usleep(300000);
	_exit(0);
}
