/* SPDX-License-Identifier: MIT */
/* expect: uninitialised-use warning */
#include <pthread.h>
#include "junk.h"

struct queue {
	int n;
	pthread_mutex_t lock;
};

int main(void)
{
	struct queue *q = junk(sizeof(*q));
	int rc;

	q->n = 0;
	rc = pthread_mutex_trylock(&q->lock);
	free(q);
	return !rc;
}
