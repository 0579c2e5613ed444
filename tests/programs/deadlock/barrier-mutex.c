/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* hangs: --timeout 1 -> 124 */
/* One stands at the barrier with the mutex that the other needs before it comes. */
#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;
static atomic_int has;

static void *first(void *arg)
{
	pthread_mutex_lock(&lock);
	has = 1;
	pthread_barrier_wait(&both);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *second(void *arg)
{
	while (!has)
		;
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	pthread_barrier_wait(&both);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 1;
}
