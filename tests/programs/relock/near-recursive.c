/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Recursive mutexes, nested readers, and trylock, which refuses without a fault. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <threads.h>

static pthread_mutex_t deep = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	mtx_t c11;
	int bad = 0;

	mtx_init(&c11, mtx_recursive);
	for (int i = 0; i < 3; i++)
		bad |= pthread_mutex_lock(&deep) || pthread_rwlock_rdlock(&table) ||
		       mtx_lock(&c11) != thrd_success;
	for (int i = 0; i < 3; i++)
		bad |= pthread_mutex_unlock(&deep) || pthread_rwlock_unlock(&table) ||
		       mtx_unlock(&c11) != thrd_success;
	pthread_mutex_lock(&checked);
	bad |= pthread_mutex_trylock(&checked) != EBUSY;
	bad |= pthread_mutex_unlock(&checked);
	mtx_destroy(&c11);
	return bad;
}
