/* SPDX-License-Identifier: MIT */
/* expect: semaphore-misuse error */
/* Shut down: the semaphore goes first, its worker still waits. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

static sem_t jobs;
static volatile int begun;

static void *worker(void *arg)
{
	begun = 1;
	sem_wait(&jobs);
	return arg;
}

int main(void)
{
	struct timespec moment = {0, 50000000};
	pthread_t t;

	sem_init(&jobs, 0, 0);
	pthread_create(&t, NULL, worker, NULL);
	pthread_detach(t);
	while (!begun)
		;
	nanosleep(&moment, NULL);
	sem_destroy(&jobs);
	exit(0);
}
