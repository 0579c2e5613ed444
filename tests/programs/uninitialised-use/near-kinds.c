/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Every kind of mutex, rwlock and condvar there is, by call and by static initialiser; copies
 * before the first use; moved by realloc. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static int pair(pthread_mutex_t *m)
{
	int rc = pthread_mutex_lock(m);

	rc += pthread_mutex_unlock(m);
	rc += pthread_mutex_trylock(m);
	return rc + pthread_mutex_unlock(m);
}

static int kinds(void)
{
	static pthread_mutex_t fixed[] = {
	    PTHREAD_MUTEX_INITIALIZER, PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP,
	    PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP, PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};
	int bad = 0;

	for (int i = 0; i < 4; i++)
		bad += pair(&fixed[i]);
	for (int i = 0; i < 4 * 2 * 3 * 2; i++) {
		pthread_mutexattr_t a;
		pthread_mutex_t *m =
		    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		pthread_mutexattr_init(&a);
		pthread_mutexattr_settype(&a, i % 4);
		pthread_mutexattr_setrobust(&a, i / 4 % 2);
		pthread_mutexattr_setprotocol(&a, i / 8 % 3);
		pthread_mutexattr_setpshared(&a, i / 24 % 2);
		if (pthread_mutex_init(m, &a) == 0 && i / 8 % 3 != 2)
			bad += pair(m);
		else if (pthread_mutex_trylock(m) == 0)
			pthread_mutex_unlock(m);
		munmap(m, 4096);
	}
	return bad;
}

static int conds(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int bad = 0;

	for (int i = 0; i < 4; i++) {
		struct timespec past = {0, 0};
		pthread_condattr_t a;
		pthread_cond_t c;

		pthread_condattr_init(&a);
		pthread_condattr_setclock(&a, i & 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME);
		pthread_condattr_setpshared(&a, i / 2);
		pthread_cond_init(&c, &a);
		pthread_mutex_lock(&m);
		for (int k = 0; k < 10; k++) {
			pthread_cond_timedwait(&c, &m, &past);
			pthread_cond_signal(&c);
		}
		pthread_mutex_unlock(&m);
		bad += pthread_cond_destroy(&c);
	}
	return bad;
}

static int copied(void)
{
	static const pthread_rwlock_t writers = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
	pthread_rwlock_t *l = malloc(sizeof(*l));
	int bad;

	memcpy(l, &writers, sizeof(*l));
	l = realloc(l, 1 << 16);
	bad = pthread_rwlock_rdlock(l) + pthread_rwlock_unlock(l) + pthread_rwlock_wrlock(l) +
	      pthread_rwlock_unlock(l);
	free(l);
	return bad;
}

int main(void)
{
	return kinds() + conds() + copied();
}
