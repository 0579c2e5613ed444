/* SPDX-License-Identifier: MIT */
/* expect: unread-result-queue warning */
/* All calls share one pair of semaphores, and most results are taken. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

static sem_t ready, taken;
static volatile int tids[64];

static void *work(void *arg)
{
	*(volatile int *)arg = own_tid();
	sem_post(&ready);
	sem_wait(&taken);
	return NULL;
}

static void ask(int i)
{
	pthread_t t;

	if (pthread_create(&t, NULL, work, (void *)&tids[i]))
		exit(1);
	pthread_detach(t);
	if (i >= 20)
		return;
	sem_wait(&ready);
	sem_post(&taken);
}

int main(void)
{
	sem_init(&ready, 0, 0);
	sem_init(&taken, 0, 0);
	for (int i = 0; i < 22; i++)
		ask(i);
	until_asleep(&tids[20]);
	until_asleep(&tids[21]);
	return 0;
}
