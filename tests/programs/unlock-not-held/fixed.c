/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Each lock is given back once, however it was taken: tried, timed, by the clock, recursive, for
 * reading and writing, and out of order. */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t deep = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;

int main(void)
{
	struct timespec later;
	int bad = 0;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 60;
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	bad |= pthread_mutex_trylock(&a) | pthread_mutex_timedlock(&b, &later);
	bad |= pthread_mutex_unlock(&a) | pthread_mutex_unlock(&b);
	bad |= pthread_mutex_clocklock(&a, CLOCK_REALTIME, &later) | pthread_mutex_unlock(&a);
	bad |= pthread_rwlock_timedrdlock(&table, &later) | pthread_rwlock_tryrdlock(&table);
	bad |= pthread_rwlock_unlock(&table) | pthread_rwlock_unlock(&table);
	bad |= pthread_rwlock_trywrlock(&table) | pthread_rwlock_unlock(&table);
	bad |= pthread_rwlock_clockwrlock(&table, CLOCK_REALTIME, &later) |
	       pthread_rwlock_unlock(&table);
	bad |= pthread_spin_trylock(&spin) | pthread_spin_unlock(&spin);
	bad |= pthread_mutex_lock(&deep) | pthread_mutex_trylock(&deep);
	bad |= pthread_mutex_unlock(&deep) | pthread_mutex_unlock(&deep);
	return bad | pthread_spin_destroy(&spin);
}
