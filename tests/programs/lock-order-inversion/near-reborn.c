/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A hundred pairs of locks at the same two addresses: freed and made again, each pair sound, one
 * time one way, the next time the other. */
#include <stdlib.h>

#include "orders.h"

struct job {
	pthread_mutex_t first, second;
};
static struct job *job;

static void *works(void *arg)
{
	int turn = (int)(long)arg;

	for (int i = turn; i < 100; i += 2) {
		pthread_mutex_t *x, *y;

		by_chance_after(i);
		job = malloc(sizeof(*job));
		pthread_mutex_init(&job->first, NULL);
		pthread_mutex_init(&job->second, NULL);
		x = i & 1 ? &job->first : &job->second;
		y = i & 1 ? &job->second : &job->first;
		pthread_mutex_lock(x);
		pthread_mutex_lock(y);
		pthread_mutex_unlock(y);
		pthread_mutex_unlock(x);
		if (i % 4 < 2) {
			pthread_mutex_destroy(&job->first);
			pthread_mutex_destroy(&job->second);
		}
		free(job);
		chance_has_it();
	}
	return NULL;
}

int main(void)
{
	pthread_t t, u;

	pthread_create(&t, NULL, works, (void *)0L);
	pthread_create(&u, NULL, works, (void *)1L);
	pthread_join(t, NULL);
	pthread_join(u, NULL);
	return 0;
}
