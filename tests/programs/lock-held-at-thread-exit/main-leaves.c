/* SPDX-License-Identifier: MIT */
/* expect: lock-held-at-thread-exit error */
/* main ends as a thread while others go on, and one of them finds the lock taken. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t first;

static void *goes_on(void *arg)
{
	struct timespec until;

	pthread_join(first, NULL);
	clock_gettime(CLOCK_REALTIME, &until);
	exit(pthread_mutex_timedlock(&lock, &until) ? 0 : 1);
	return arg;
}

int main(void)
{
	pthread_t t;

	first = pthread_self();
	pthread_mutex_lock(&lock);
	pthread_create(&t, NULL, goes_on, NULL);
	pthread_detach(t);
	pthread_exit(NULL);
}
