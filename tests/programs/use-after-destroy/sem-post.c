/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* The waiter gives up and destroys the semaphore; the worker, late, posts to it. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

struct job {
	sem_t done;
	int result;
};

static sem_t given_up;

static void *worker(void *arg)
{
	struct job *j = arg;

	sem_wait(&given_up);
	j->result = 1;
	sem_post(&j->done);
	return NULL;
}

int main(void)
{
	struct job *j = malloc(sizeof(*j));
	struct timespec now;
	pthread_t t;

	sem_init(&j->done, 0, 0);
	sem_init(&given_up, 0, 0);
	pthread_create(&t, NULL, worker, j);
	clock_gettime(CLOCK_REALTIME, &now);
	if (sem_timedwait(&j->done, &now))
		sem_destroy(&j->done);
	sem_post(&given_up);
	pthread_join(t, NULL);
	free(j);
	return 0;
}
