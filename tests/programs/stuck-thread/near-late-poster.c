/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The poster takes its time, but comes. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t done;

static void *works(void *arg)
{
	usleep(700000);
	sem_post(&done);
	return arg;
}

static void *waits(void *arg)
{
	sem_wait(&done);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&done, 0, 0);
	pthread_create(&b, NULL, waits, NULL);
	pthread_create(&a, NULL, works, NULL);
	pthread_join(b, NULL);
	pthread_join(a, NULL);
	return 0;
}
