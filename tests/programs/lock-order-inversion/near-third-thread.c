/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One thread is joined, then another goes the other way round; a third one lives all along. */
#include "orders.h"

static pthread_barrier_t end;

static void *lives_on(void *arg)
{
	pthread_barrier_wait(&end);
	return arg;
}

int main(void)
{
	pthread_t third;

	pthread_barrier_init(&end, NULL, 2);
	a_then_b(NULL);
	pthread_create(&third, NULL, lives_on, NULL);
	run(b_then_a);
	run(a_then_b);
	run(b_then_a);
	a_then_b(NULL);
	pthread_barrier_wait(&end);
	pthread_join(third, NULL);
	pthread_barrier_destroy(&end);
	return 0;
}
