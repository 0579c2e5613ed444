/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* hangs: --timeout 1 -> 124 */
/* Each waits for the other's post before it posts. */
#include <pthread.h>
#include <semaphore.h>

static sem_t ping, pong;

static void *first(void *arg)
{
	sem_wait(&pong);
	sem_post(&ping);
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
	return 1;
}
