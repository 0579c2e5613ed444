/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* One thread's join comes after the other's start: near-third-thread.c has it before. */
#include "orders.h"

static pthread_barrier_t end;

static void *lives_on(void *arg)
{
	pthread_barrier_wait(&end);
	return arg;
}
static void *first(void *arg)
{
	a_then_b(arg);
	chance_has_it();
	return arg;
}
static void *second(void *arg)
{
	by_chance_after(1);
	return b_then_a(arg);
}

int main(void)
{
	pthread_t third, t, u;

	pthread_barrier_init(&end, NULL, 2);
	pthread_create(&third, NULL, lives_on, NULL);
	pthread_create(&t, NULL, first, NULL);
	pthread_create(&u, NULL, second, NULL);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	pthread_barrier_wait(&end);
	pthread_join(third, NULL);
	pthread_barrier_destroy(&end);
	return 0;
}
