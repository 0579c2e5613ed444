/* SPDX-License-Identifier: MIT */
/* expect: lock-held-at-thread-exit error */
/* The error path returns out of the thread's function with the lock taken. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *import(void *name)
{
	pthread_mutex_lock(&lock);
	if (!name)
		return NULL;
	pthread_mutex_unlock(&lock);
	return name;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, import, NULL);
	pthread_join(t, NULL);
	return pthread_mutex_trylock(&lock) ? 0 : 1;
}
