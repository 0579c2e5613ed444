/* SPDX-License-Identifier: MIT */
/* expect: unlock-not-held error */
/* A read lock given back without having been taken. */
#include <pthread.h>

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static __attribute__((noinline)) int get(int cached)
{
	if (!cached)
		pthread_rwlock_rdlock(&table);
	pthread_rwlock_unlock(&table);
	return 0;
}

int main(void)
{
	get(0);
	get(1);
	return 0;
}
