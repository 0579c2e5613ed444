/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The main thread of a program of two gives way; nobody waits for it. */
#include "spin.h"

static sem_t stop;

static void *idle(void *arg)
{
	(void)arg;
	sem_wait(&stop);
	return NULL;
}

int main(void)
{
	pthread_t t;

	sem_init(&stop, 0, 0);
	MUST(pthread_create(&t, NULL, idle, NULL) == 0);
	for (int i = 0; i < LONG_SPIN; i++)
		sched_yield();
	sem_post(&stop);
	pthread_join(t, NULL);
	return 0;
}
