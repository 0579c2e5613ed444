/* SPDX-License-Identifier: MIT */
/* expect: unjoined-thread warning */
/* One thread a job, neither joined nor detached. */
#include <pthread.h>
#include <semaphore.h>

static sem_t done;

static void *job(void *arg)
{
	sem_post(&done);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&done, 0, 0);
	for (int i = 0; i < 12; i++)
		pthread_create(&t, NULL, job, NULL);
	for (int i = 0; i < 12; i++)
		sem_wait(&done);
	return 0;
}
