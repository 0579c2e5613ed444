/* SPDX-License-Identifier: MIT */
/* expect: join-detached error */
/* The thread detaches itself, its creator doesn't know and joins. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

static sem_t detached, go;

static void *work(void *arg)
{
	pthread_detach(pthread_self());
	sem_post(&detached);
	sem_wait(&go);
	return arg;
}

int main(void)
{
	pthread_t t;
	int rc;

	sem_init(&detached, 0, 0);
	sem_init(&go, 0, 0);
	pthread_create(&t, NULL, work, NULL);
	sem_wait(&detached);
	rc = pthread_join(t, NULL);
	sem_post(&go);
	return rc == EINVAL ? 0 : 1;
}
