/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* One thread holds the lock for reading, the other for writing: they do exclude each other. */
#include <grp.h>
#include <pthread.h>

static pthread_rwlock_t config = PTHREAD_RWLOCK_INITIALIZER;

static void *reads(void *arg)
{
	pthread_rwlock_rdlock(&config);
	getgrnam("root");
	pthread_rwlock_unlock(&config);
	return arg;
}

static void *writes(void *arg)
{
	pthread_rwlock_wrlock(&config);
	getgrnam("root");
	pthread_rwlock_unlock(&config);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, reads, NULL);
	pthread_create(&b, NULL, writes, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
