/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A long computation that gives way now and then. */
#include "spin.h"

static volatile unsigned long sink;

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 12000; i++) {
		for (int k = 0; k < 40000; k++)
			sink += (unsigned long)k * (unsigned long)i;
		sched_yield();
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	MUST(pthread_create(&t, NULL, worker, NULL) == 0);
	pthread_join(t, NULL);
	return 0;
}
