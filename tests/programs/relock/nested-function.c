/* SPDX-License-Identifier: MIT */
/* expect: relock error */
/* A function that locks is called with the lock held, and its unlock opens the outer section. */
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock;
static int total, refused;

static __attribute__((noinline)) void add(int n)
{
	pthread_mutex_lock(&lock);
	total += n;
	pthread_mutex_unlock(&lock);
}

static __attribute__((noinline)) void add_all(void)
{
	pthread_mutex_lock(&lock);
	for (int i = 0; i < 2; i++)
		add(i);
	refused = pthread_mutex_unlock(&lock) == EPERM;
}

int main(void)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&lock, &a);
	add_all();
	return refused ? 0 : 1;
}
