/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The second lock is tried, or waited for with a limit, and the first one given up where that
 * fails; recursion and locks of one thread are no orders either. */
#include <errno.h>
#include <time.h>

#include "orders.h"

static void *tries(void *arg)
{
	by_chance_after(1);
	for (;;) {
		pthread_mutex_lock(&b);
		if (pthread_mutex_trylock(&a) == 0)
			break;
		pthread_mutex_unlock(&b);
		usleep(100);
	}
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	chance_has_it();
	return arg;
}
static void *waits_a_little(void *arg)
{
	struct timespec limit;

	by_chance_after(2);
	pthread_mutex_lock(&b);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec++;
	if (pthread_mutex_timedlock(&a, &limit) == 0)
		pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return arg;
}
static void *recurses(void *arg)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t r;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&r, &attr);
	pthread_mutex_lock(&r);
	a_then_b(NULL);
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&r); /* held already */
	pthread_mutex_unlock(&r);
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&r);
	pthread_mutex_destroy(&r);
	pthread_mutexattr_destroy(&attr);
	chance_has_it();
	return arg;
}
static void *both_ways_alone(void *arg)
{
	static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER, d = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(i ? &c : &d);
		pthread_mutex_lock(i ? &d : &c);
		pthread_mutex_unlock(&c);
		pthread_mutex_unlock(&d);
	}
	return arg;
}

int main(void)
{
	void *(*f[])(void *) = {recurses, tries, waits_a_little, both_ways_alone};
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, f[i], NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	return 0;
}
