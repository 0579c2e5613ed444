/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* As near-gate.c, but for one caller that forgot the third lock. */
#include "orders.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *one_way(void *arg)
{
	for (int i = 0; i < 10; i++) {
		pthread_mutex_lock(&gate);
		a_then_b(NULL);
		pthread_mutex_unlock(&gate);
	}
	a_then_b(NULL);
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

int main(void)
{
	pthread_t t, u;

	pthread_create(&t, NULL, one_way, NULL);
	pthread_create(&u, NULL, other_way, NULL);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	return 0;
}
