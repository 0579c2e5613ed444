/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* All results wait for a while to be taken; the caller comes late, but it comes. */
#include <pthread.h>
#include <semaphore.h>
#include "../stuck-thread/hang.h"

static struct call {
	sem_t ready, taken;
	pthread_t t;
	volatile int tid;
} calls[4];

static void *work(void *arg)
{
	struct call *c = arg;

	c->tid = own_tid();
	sem_post(&c->ready);
	sem_wait(&c->taken);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 4; i++) {
		sem_init(&calls[i].ready, 0, 0);
		sem_init(&calls[i].taken, 0, 0);
		if (pthread_create(&calls[i].t, NULL, work, &calls[i]))
			return 1;
	}
	for (int i = 0; i < 4; i++)
		until_asleep(&calls[i].tid);
	for (int i = 0; i < 4; i++) {
		sem_wait(&calls[i].ready);
		sem_post(&calls[i].taken);
		pthread_join(calls[i].t, NULL);
		sem_destroy(&calls[i].ready);
		sem_destroy(&calls[i].taken);
	}
	return 0;
}
