/* SPDX-License-Identifier: MIT */
/* expect: yield-spin warning */
/* Tries for a lock that is held all along, gives up in the end; main waits for it on a condition
 * variable. */
#include "spin.h"

static pthread_mutex_t resource = PTHREAD_MUTEX_INITIALIZER, lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int done;

static void *worker(void *arg)
{
	(void)arg;
	until_main_waits();
	for (int i = 0; i < LONG_SPIN; i++)
		MUST(pthread_mutex_trylock(&resource) == EBUSY);
	pthread_mutex_lock(&lock);
	done = 1;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&resource);
	pthread_mutex_lock(&lock);
	MUST(pthread_create(&t, NULL, worker, NULL) == 0);
	while (!done)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	pthread_mutex_unlock(&resource);
	pthread_join(t, NULL);
	return 0;
}
