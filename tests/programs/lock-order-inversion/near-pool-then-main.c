/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Sixteen threads go one way, many times; the last word is main's, the other way, when all are
 * joined but one that has nothing to do with it. */
#include "orders.h"

static pthread_barrier_t end;

static void *one_way(void *arg)
{
	for (int i = 0; i < 50; i++)
		a_then_b(NULL);
	return arg;
}
static void *lives_on(void *arg)
{
	pthread_barrier_wait(&end);
	return arg;
}

int main(void)
{
	pthread_t pool[16], third;

	pthread_barrier_init(&end, NULL, 2);
	pthread_create(&third, NULL, lives_on, NULL);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 16; i++)
			pthread_create(&pool[i], NULL, one_way, NULL);
		for (int i = 0; i < 16; i++)
			pthread_join(pool[i], NULL);
		b_then_a(NULL);
	}
	pthread_barrier_wait(&end);
	pthread_join(third, NULL);
	pthread_barrier_destroy(&end);
	return 0;
}
