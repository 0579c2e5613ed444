/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Either, or. */
#include <pthread.h>
#include <semaphore.h>

static sem_t done;

static void *work(void *arg)
{
	sem_post(&done);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&done, 0, 0);
	pthread_create(&a, NULL, work, NULL);
	pthread_detach(a);
	pthread_create(&b, NULL, work, NULL);
	pthread_join(b, NULL);
	sem_wait(&done);
	sem_wait(&done);
	return 0;
}
