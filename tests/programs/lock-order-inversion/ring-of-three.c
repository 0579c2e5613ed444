/* SPDX-License-Identifier: MIT */
/* expect: lock-order-inversion warning */
/* Three threads, three locks, each takes two of them; no two go against each other. */
#include <stddef.h>

#include "orders.h"

static pthread_mutex_t lock[3] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
				  PTHREAD_MUTEX_INITIALIZER};

static void *philosopher(void *arg)
{
	int i = (int)(ptrdiff_t)arg;

	by_chance_after(i);
	pthread_mutex_lock(&lock[i]);
	pthread_mutex_lock(&lock[(i + 1) % 3]);
	pthread_mutex_unlock(&lock[(i + 1) % 3]);
	pthread_mutex_unlock(&lock[i]);
	chance_has_it();
	return NULL;
}

int main(void)
{
	pthread_t t[3];

	for (ptrdiff_t i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, philosopher, (void *)i);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}
