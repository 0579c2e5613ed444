/* SPDX-License-Identifier: MIT */
/* expect: queue-never-closed warning */
/* A bounded buffer of two semaphores; the producer is a thread of its own that ends. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

static sem_t items, slots;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int tid, taken;

static void *consume(void *arg)
{
	(void)arg;
	tid = own_tid();
	for (;;) {
		sem_wait(&items);
		pthread_mutex_lock(&lock);
		taken++;
		pthread_mutex_unlock(&lock);
		sem_post(&slots);
	}
	return NULL;
}

static void *produce(void *arg)
{
	pthread_t t;

	(void)arg;
	if (pthread_create(&t, NULL, consume, NULL))
		exit(1);
	for (int i = 0; i < 10; i++) {
		sem_wait(&slots);
		sem_post(&items);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	sem_init(&items, 0, 0);
	sem_init(&slots, 0, 2);
	if (pthread_create(&t, NULL, produce, NULL))
		return 1;
	pthread_join(t, NULL);
	while (taken < 10)
		usleep(1000);
	until_asleep(&tid);
	return 0;
}
