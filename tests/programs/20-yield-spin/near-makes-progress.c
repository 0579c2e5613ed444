/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Gives way after each item that it takes under a lock; its creator waits for the end of it all. */
#include "spin.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int left = LONG_SPIN;

static void *worker(void *arg)
{
	int more = 1;

	(void)arg;
	while (more) {
		pthread_mutex_lock(&lock);
		more = --left > 0;
		pthread_mutex_unlock(&lock);
		sched_yield();
	}
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	MUST(pthread_create(&a, NULL, worker, NULL) == 0);
	MUST(pthread_create(&b, NULL, worker, NULL) == 0);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
