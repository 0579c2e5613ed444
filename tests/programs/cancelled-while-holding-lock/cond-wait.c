/* SPDX-License-Identifier: MIT */
/* expect: cancelled-while-holding-lock error */
/* The classic: a cancelled wait takes its mutex again, and nobody unlocks it. */
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waits;

static void *worker(void *arg)
{
	pthread_mutex_lock(&lock);
	waits = 1;
	for (;;)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;
	void *result;
	int there = 0;

	pthread_create(&t, NULL, worker, NULL);
	while (!there) {
		pthread_mutex_lock(&lock);
		there = waits;
		pthread_mutex_unlock(&lock);
	}
	pthread_cancel(t);
	pthread_join(t, &result);
	return result == PTHREAD_CANCELED && pthread_mutex_trylock(&lock) ? 0 : 1;
}
