/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Opposite orders, always under a third lock; only the start-up, before there are threads, does
 * without. */
#include "orders.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *one_way(void *arg)
{
	pthread_mutex_lock(&gate);
	a_then_b(NULL);
	pthread_mutex_unlock(&gate);
	chance_has_it();
	return arg;
}
static void *other_way(void *arg)
{
	by_chance_after(1);
	pthread_mutex_lock(&gate);
	b_then_a(NULL);
	pthread_mutex_unlock(&gate);
	return arg;
}
static void *idle(void *arg)
{
	by_chance_after(1);
	return arg;
}

int main(void)
{
	pthread_t t, u, third;

	pthread_create(&third, NULL, idle, NULL);
	a_then_b(NULL);
	b_then_a(NULL);
	pthread_create(&t, NULL, one_way, NULL);
	pthread_create(&u, NULL, other_way, NULL);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	pthread_join(third, NULL);
	return 0;
}
