/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One of the two waits has a time limit and gives way. */
#include <time.h>

#include "ring.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void *patient(void *arg)
{
	pthread_mutex_lock(&a);
	all_hold();
	pthread_mutex_lock(&b);
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
	return arg;
}

static void *hurried(void *arg)
{
	struct timespec until;

	pthread_mutex_lock(&b);
	all_hold();
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 100000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	if (pthread_mutex_timedlock(&a, &until) == 0)
		pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return arg;
}

int main(void)
{
	pthread_t t[2];

	meet(2);
	pthread_create(&t[0], NULL, patient, NULL);
	pthread_create(&t[1], NULL, hurried, NULL);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	return 0;
}
