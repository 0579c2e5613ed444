/* SPDX-License-Identifier: MIT */
/* expect: unlock-by-other-thread error */
/* A writer hands its lock to the thread that finishes the work. */
#include <pthread.h>

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static void *finish(void *arg)
{
	pthread_rwlock_unlock(&table);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_rwlock_wrlock(&table);
	pthread_create(&t, NULL, finish, NULL);
	return pthread_join(t, NULL);
}
