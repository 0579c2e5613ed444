/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* The first thread's order was harmless before it had started another; it keeps to it while that
 * one lives, which then goes the other way. */
#include "orders.h"

static void *other(void *arg)
{
	by_chance_after(1);
	return b_then_a(arg);
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < 3; i++)
		a_then_b(NULL);
	pthread_create(&t, NULL, other, NULL);
	a_then_b(NULL);
	chance_has_it();
	pthread_join(t, NULL);
	return 0;
}
