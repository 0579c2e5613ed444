/* SPDX-License-Identifier: MIT */
/* expect: lock-held-at-thread-exit error */
/* A reader ends by pthread_exit() deep inside: no writer will ever come in. */
#include <pthread.h>
#include <stddef.h>

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static __attribute__((noinline)) void look_up(int key)
{
	pthread_rwlock_rdlock(&table);
	if (key < 0)
		pthread_exit(NULL);
	pthread_rwlock_unlock(&table);
}

static void *client(void *arg)
{
	look_up(1);
	look_up(-1);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, client, NULL);
	pthread_join(t, NULL);
	return pthread_rwlock_trywrlock(&table) ? 0 : 1;
}
