/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Detached by attribute, by the creator, and by the thread itself. */
#include <pthread.h>
#include <semaphore.h>

static sem_t done;

static void *job(void *arg)
{
	if (arg)
		pthread_detach(pthread_self());
	sem_post(&done);
	return NULL;
}

int main(void)
{
	pthread_attr_t detached;
	pthread_t t;

	sem_init(&done, 0, 0);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 4; i++) {
		pthread_create(&t, &detached, job, NULL);
		pthread_create(&t, NULL, job, NULL);
		pthread_detach(t);
		pthread_create(&t, NULL, job, &done);
	}
	for (int i = 0; i < 12; i++)
		sem_wait(&done);
	return 0;
}
