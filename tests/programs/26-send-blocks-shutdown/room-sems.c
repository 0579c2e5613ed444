/* SPDX-License-Identifier: MIT */
/* expect: send-blocks-shutdown error */
/* hangs: --timeout 1 -> 124 */
/* A bounded buffer of semaphores; a collector thread that reads until it has enough, and ends. */
#include <pthread.h>
#include <semaphore.h>

static sem_t items, slots;

static void *produce(void *arg)
{
	for (int i = 0; i < 20; i++) {
		sem_wait(&slots);
		sem_post(&items);
	}
	return arg;
}

static void *collect(void *arg)
{
	for (int i = 0; i < 5; i++) {
		sem_wait(&items);
		sem_post(&slots);
	}
	return arg;
}

int main(void)
{
	pthread_t a, b;

	sem_init(&items, 0, 0);
	sem_init(&slots, 0, 3);
	if (pthread_create(&a, NULL, produce, NULL) || pthread_create(&b, NULL, collect, NULL))
		return 1;
	pthread_join(b, NULL);
	pthread_join(a, NULL);
	return 1;
}
