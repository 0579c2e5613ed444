/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* Two workers that share a semaphore as a pool of permits, which orders nothing for good: the
 * orders they take their locks in meet sooner or later. */
#include <semaphore.h>

#include "orders.h"

static sem_t permits;

static void *worker(void *arg)
{
	sem_wait(&permits);
	sem_post(&permits);
	if (!arg) {
		a_then_b(NULL);
		chance_has_it();
	} else {
		by_chance_after(1);
		b_then_a(NULL);
	}
	return NULL;
}

int main(void)
{
	pthread_t t, u;

	sem_init(&permits, 0, 2);
	pthread_create(&t, NULL, worker, NULL);
	pthread_create(&u, NULL, worker, &t);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	sem_destroy(&permits);
	return 0;
}
