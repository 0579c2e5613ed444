/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The two semaphores again: one of them posts before it waits. */
#include <pthread.h>
#include <semaphore.h>

static sem_t ping, pong;

static void *first(void *arg)
{
	sem_post(&ping);
	sem_wait(&pong);
	return arg;
}

static void *second(void *arg)
{
	sem_wait(&ping);
	sem_post(&pong);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&ping, 0, 0);
	sem_init(&pong, 0, 0);
	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
