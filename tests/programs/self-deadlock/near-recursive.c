/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Recursive locks, read locks and trylocks may be asked for again by their holder. */
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t recursive, plain = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void *again(void *arg)
{
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&recursive);
		pthread_rwlock_rdlock(&rwlock);
	}
	for (int i = 0; i < 3; i++) {
		pthread_rwlock_unlock(&rwlock);
		pthread_mutex_unlock(&recursive);
	}
	pthread_mutex_lock(&plain);
	if (pthread_mutex_trylock(&plain) != EBUSY)
		return &plain;
	pthread_mutex_unlock(&plain);
	return arg;
}

int main(void)
{
	pthread_mutexattr_t a;
	void *wrong[2];
	pthread_t t[2];

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &a);
	pthread_create(&t[0], NULL, again, NULL);
	pthread_create(&t[1], NULL, again, NULL);
	pthread_join(t[0], &wrong[0]);
	pthread_join(t[1], &wrong[1]);
	return wrong[0] || wrong[1];
}
