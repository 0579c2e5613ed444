/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Spins a while before it goes to sleep: adaptive waiting. */
#include "spin.h"

static sem_t item;

static void *worker(void *arg)
{
	(void)arg;
	for (int round = 0; round < 4; round++) {
		int i;

		for (i = 0; i < SHORT_SPIN && sem_trywait(&item) != 0; i++)
			sched_yield();
		if (i == SHORT_SPIN)
			while (sem_wait(&item) != 0)
				;
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	sem_init(&item, 0, 0);
	MUST(pthread_create(&t, NULL, worker, NULL) == 0);
	for (int i = 0; i < 4; i++) {
		usleep(20000);
		sem_post(&item);
	}
	pthread_join(t, NULL);
	return 0;
}
