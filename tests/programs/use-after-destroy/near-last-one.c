/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Reference counting as POSIX's own example has it: whoever takes the count to zero destroys and
 * frees the object, while the unlock of the one before may not have returned. */
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 2000 };

struct object {
	pthread_mutex_t lock;
	int refs;
};

static struct object *current;
static pthread_barrier_t turn;

static void put(struct object *o)
{
	int left;

	pthread_mutex_lock(&o->lock);
	left = --o->refs;
	pthread_mutex_unlock(&o->lock);
	if (left == 0) {
		pthread_mutex_destroy(&o->lock);
		free(o);
	}
}

static void *runs(void *first)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (first) {
			current = malloc(sizeof(*current));
			pthread_mutex_init(&current->lock, NULL);
			current->refs = THREADS;
		}
		pthread_barrier_wait(&turn);
		put(current);
		pthread_barrier_wait(&turn);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];

	pthread_barrier_init(&turn, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, runs, i ? NULL : &turn);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&turn);
	return 0;
}
