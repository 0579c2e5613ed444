/* SPDX-License-Identifier: MIT */
/* expect: self-deadlock error */
/* A reader wants to write without letting go first. */
#include <pthread.h>
#include <unistd.h>

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static __attribute__((noinline)) void insert(void)
{
	pthread_rwlock_wrlock(&table);
	pthread_rwlock_unlock(&table);
}

static void *find_or_insert(void *arg)
{
	pthread_rwlock_rdlock(&table);
	insert();
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, find_or_insert, NULL);
	pthread_detach(t);
	usleep(300000);
	_exit(0);
}
