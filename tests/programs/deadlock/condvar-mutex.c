/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* A waiter keeps the outer lock while it waits; who wakes it holds the inner one and asks for the
 * outer. */
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
	pthread_mutex_lock(&outer);
	pthread_mutex_unlock(&outer);
	pthread_mutex_unlock(&inner);
	return arg;
}

int main(void)
{
	meet(2);
	start(consume, NULL);
	start(produce, NULL);
	return hang_a_while();
}
