/* SPDX-License-Identifier: MIT */
/* expect: cond-wait-without-mutex error */
/* The mutex is released before the wait, "so that it is held only briefly". */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t looked;
static int ready;

static void *consumer(void *arg)
{
	int go;

	pthread_mutex_lock(&lock);
	go = ready;
	pthread_mutex_unlock(&lock);
	sem_post(&looked);
	if (!go)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;
	void *result = &t;

	sem_init(&looked, 0, 0);
	pthread_create(&t, NULL, consumer, NULL);
	sem_wait(&looked);
	ready = 1;
	while (pthread_tryjoin_np(t, &result)) /* until the signal meets the wait */
		pthread_cond_signal(&changed);
	sem_destroy(&looked);
	return result != NULL;
}
