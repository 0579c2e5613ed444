/* SPDX-License-Identifier: MIT */
/* expect: relock error */
/* A writer calls a function that reads: EDEADLK, and one unlock too many. */
#include <pthread.h>

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static int value;

static __attribute__((noinline)) int get(void)
{
	int v;

	pthread_rwlock_rdlock(&table);
	v = value;
	pthread_rwlock_unlock(&table);
	return v;
}

int main(void)
{
	pthread_rwlock_wrlock(&table);
	value = get() + 1;
	pthread_rwlock_unlock(&table);
	return value == 1 ? 0 : 1;
}
