/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Detached threads end and leave their handles to joinable ones. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

static sem_t done;

static void *detaches_itself(void *arg)
{
	pthread_detach(pthread_self());
	sem_post(&done);
	return arg;
}
static void *work(void *arg)
{
	return arg;
}

int main(void)
{
	pthread_attr_t detached;
	pthread_t t;
	int bad = 0;

	sem_init(&done, 0, 0);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 50; i++) {
		pthread_create(&t, NULL, detaches_itself, NULL);
		sem_wait(&done);
		pthread_create(&t, &detached, work, NULL);
		pthread_create(&t, NULL, work, NULL);
		bad |= pthread_join(t, NULL);
		pthread_create(&t, NULL, work, NULL);
		bad |= pthread_detach(t);
	}
	exit(bad);
}
