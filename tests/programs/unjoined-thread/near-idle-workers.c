/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Three workers, started once, wait for work when the process ends: a note at most. */
#include <pthread.h>
#include <stdatomic.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some = PTHREAD_COND_INITIALIZER;
static sem_t done;
static int jobs, waiting;

static void *worker(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		waiting++;
		while (!jobs)
			pthread_cond_wait(&some, &lock);
		waiting--;
		jobs--;
		sem_post(&done);
	}
	return arg;
}

static int idle(void)
{
	int n;

	pthread_mutex_lock(&lock);
	n = waiting;
	pthread_mutex_unlock(&lock);
	return n;
}

int main(void)
{
	pthread_t t[3];

	sem_init(&done, 0, 0);
	for (int i = 0; i < 3; i++)
		if (pthread_create(&t[i], NULL, worker, NULL))
			return 2;
	for (int i = 0; i < 30; i++) {
		pthread_mutex_lock(&lock);
		jobs++;
		pthread_cond_signal(&some);
		pthread_mutex_unlock(&lock);
		sem_wait(&done);
	}
	while (idle() < 3)
		;
	return 0;
}
