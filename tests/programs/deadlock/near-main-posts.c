/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Both wait for each other, but main has posted before and will again. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t ping, pong;

static void *first(void *arg)
{
	for (int i = 0; i < 2; i++) {
		sem_wait(&pong);
		sem_post(&ping);
	}
	return arg;
}

static void *second(void *arg)
{
	for (int i = 0; i < 2; i++) {
		sem_wait(&ping);
		sem_post(&pong);
	}
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&ping, 0, 0);
	sem_init(&pong, 0, 0);
	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	usleep(300000);
	sem_post(&pong);
	usleep(600000);
	pthread_join(a, NULL);
	sem_post(&ping);
	pthread_join(b, NULL);
	return 0;
}
