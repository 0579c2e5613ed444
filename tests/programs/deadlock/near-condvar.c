/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A waiter keeps the outer lock; who wakes it asks for the outer one only after it has given the
 * inner one back. */
#include "ring.h"

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;

static void *consume(void *arg)
{
	pthread_mutex_lock(&outer);
	pthread_mutex_lock(&inner);
	all_hold();
	while (!is_ready)
		pthread_cond_wait(&ready, &inner);
	pthread_mutex_unlock(&inner);
	pthread_mutex_unlock(&outer);
	return arg;
}

static void *produce(void *arg)
{
	all_hold();
	pthread_mutex_lock(&inner);
	is_ready = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&inner);
	pthread_mutex_lock(&outer);
	pthread_mutex_unlock(&outer);
	return arg;
}

int main(void)
{
	pthread_t t[2];

	meet(2);
	pthread_create(&t[0], NULL, consume, NULL);
	pthread_create(&t[1], NULL, produce, NULL);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	return 0;
}
