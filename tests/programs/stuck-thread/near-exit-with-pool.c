/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The process ends on purpose while a worker idles: no fault of the worker's. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

static sem_t jobs, did;

static void *worker(void *arg)
{
	for (;;) {
		sem_wait(&jobs);
		sem_post(&did);
	}
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&jobs, 0, 0);
	sem_init(&did, 0, 0);
	pthread_create(&t, NULL, worker, NULL);
	pthread_detach(t);
	for (int i = 0; i < 3; i++) {
		sem_post(&jobs);
		sem_wait(&did);
	}
	usleep(50000);
	exit(0);
}
