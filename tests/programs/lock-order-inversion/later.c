/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* For long all goes one way; the other order is kept apart by a message at first, and then no more:
 * the same threads, the same places. */
#include <semaphore.h>

#include "orders.h"

static sem_t go;

static void *other(void *arg)
{
	sem_wait(&go);
	b_then_a(NULL);
	chance_has_it();
	by_chance_after(2);
	b_then_a(NULL);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&go, 0, 0);
	pthread_create(&t, NULL, other, NULL);
	for (int i = 0; i < 1000; i++)
		a_then_b(NULL);
	sem_post(&go);
	by_chance_after(1);
	a_then_b(NULL); /* in no order with the second time over there */
	chance_has_it();
	pthread_join(t, NULL);
	sem_destroy(&go);
	return 0;
}
