/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A robust mutex is told of its owner's end; the next one puts things right. */
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock;

static void *dies(void *arg)
{
	pthread_mutex_lock(&lock);
	return arg;
}

int main(void)
{
	pthread_mutexattr_t a;
	pthread_t t;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&lock, &a);
	pthread_create(&t, NULL, dies, NULL);
	pthread_join(t, NULL);
	if (pthread_mutex_lock(&lock) != EOWNERDEAD)
		return 1;
	pthread_mutex_consistent(&lock);
	pthread_mutex_unlock(&lock);
	return pthread_mutex_destroy(&lock);
}
