/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Every way to come to hold the mutex: trylock, timed, clock, recursive at depth one, and more
 * locks than are kept in a list. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <time.h>

enum { MANY = 40 };

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, last = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t many[MANY];

static int wait_a_moment(pthread_mutex_t *m)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return pthread_cond_timedwait(&changed, m, &until) == ETIMEDOUT ? pthread_mutex_unlock(m)
									: 1;
}

int main(void)
{
	struct timespec later;
	int bad = 0;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 60;
	pthread_mutex_trylock(&plain);
	bad |= wait_a_moment(&plain);
	pthread_mutex_timedlock(&plain, &later);
	bad |= wait_a_moment(&plain);
	pthread_mutex_clocklock(&plain, CLOCK_REALTIME, &later);
	bad |= wait_a_moment(&plain);
	pthread_mutex_lock(&recursive);
	bad |= wait_a_moment(&recursive);
	for (int i = 0; i < MANY; i++) {
		pthread_mutex_init(&many[i], NULL);
		pthread_mutex_lock(&many[i]);
	}
	pthread_mutex_lock(&last);
	bad |= wait_a_moment(&last);
	for (int i = 0; i < MANY; i++) {
		pthread_mutex_unlock(&many[i]);
		pthread_mutex_destroy(&many[i]);
	}
	return bad;
}
