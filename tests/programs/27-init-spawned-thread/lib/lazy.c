/* SPDX-License-Identifier: MIT */
/* Its worker is started by the first call. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t work, done;

static void *worker(void *arg)
{
	for (;;) {
		sem_wait(&work);
		sem_post(&done);
	}
	return arg;
}

int lazy_call(void);
int lazy_call(void)
{
	pthread_t thread;

	sem_init(&work, 0, 0);
	sem_init(&done, 0, 0);
	if (pthread_create(&thread, NULL, worker, NULL))
		return 0;
	pthread_detach(thread);
	sem_post(&work);
	sem_wait(&done);
	return 1;
}
