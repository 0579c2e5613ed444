/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A lock that lived on the thread's own stack is gone with its function; one that was destroyed or
 * made anew while it was held is nobody's. */
#include <pthread.h>
#include <stdlib.h>

static void *runs(void *arg)
{
	pthread_mutex_t local = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_t *heap = malloc(sizeof(*heap));

	pthread_mutex_lock(&local);
	pthread_mutex_init(heap, NULL);
	pthread_mutex_lock(heap);
	pthread_mutex_unlock(heap);
	pthread_mutex_destroy(heap);
	free(heap);
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, runs, NULL);
	return pthread_join(t, NULL);
}
