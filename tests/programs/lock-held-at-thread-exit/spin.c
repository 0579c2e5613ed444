/* SPDX-License-Identifier: MIT */
/* expect: lock-held-at-thread-exit error */
/* A spinlock: the next one will spin for ever. */
#include <pthread.h>

static pthread_spinlock_t lock;

static void *count(void *arg)
{
	if (pthread_spin_trylock(&lock))
		return NULL;
	return arg;
}

int main(void)
{
	pthread_t t;

	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	pthread_create(&t, NULL, count, (void *)&lock);
	pthread_join(t, NULL);
	return pthread_spin_trylock(&lock) ? 0 : 1;
}
