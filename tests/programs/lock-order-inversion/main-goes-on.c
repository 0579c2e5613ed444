/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* The first thread's order was harmless before it had started another; it keeps to it while that
 * one lives, which then goes the other way. */
#include <semaphore.h>

#include "orders.h"

static sem_t go;

static void *other(void *arg)
{
	sem_wait(&go);
	return b_then_a(arg);
}

int main(void)
{
	pthread_t t;

	sem_init(&go, 0, 0);
	for (int i = 0; i < 3; i++)
		a_then_b(NULL);
	pthread_create(&t, NULL, other, NULL);
	a_then_b(NULL);
	sem_post(&go);
	pthread_join(t, NULL);
	return 0;
}
