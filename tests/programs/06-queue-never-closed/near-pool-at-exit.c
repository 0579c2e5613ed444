/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A fixed pool, started once, that idles when main returns: a note at most. */
#include <pthread.h>
#include "../stuck-thread/hang.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static int jobs;
static volatile int tids[4], done;

static void *work(void *arg)
{
	pthread_mutex_lock(&lock);
	*(volatile int *)arg = own_tid();
	for (;;) {
		while (!jobs)
			pthread_cond_wait(&more, &lock);
		jobs--;
		done++;
	}
	return NULL;
}

static void pool_start(void)
{
	pthread_t t;

	for (int i = 0; i < 4; i++)
		pthread_create(&t, NULL, work, (void *)&tids[i]);
}

static void pool_add(void)
{
	pthread_mutex_lock(&lock);
	jobs++;
	pthread_cond_signal(&more);
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	pool_start();
	for (int i = 0; i < 4; i++)
		until_asleep(&tids[i]);
	for (int i = 0; i < 20; i++)
		pool_add();
	while (done < 20)
		usleep(1000);
	for (int i = 0; i < 4; i++)
		until_asleep(&tids[i]);
	usleep(150000);
	return 0;
}
