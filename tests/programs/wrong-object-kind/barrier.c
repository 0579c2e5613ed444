/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* Two handles, swapped: the barrier's goes to the lock's function. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sync {
	void *lock, *start;
};

static void enter(const struct sync *s)
{
	pthread_rwlock_rdlock(s->lock);
}

static struct sync *make(void *lock, void *start)
{
	struct sync *s = malloc(sizeof(*s));

	s->lock = lock;
	s->start = start;
	return s;
}

int main(void)
{
	pthread_rwlock_t *lock = calloc(2, sizeof(*lock));
	pthread_barrier_t *start = calloc(2, sizeof(*start));
	struct sync *s = make(start, lock);

	pthread_rwlock_init(lock, NULL);
	pthread_barrier_init(start, NULL, 3);
	enter(s);
	free(s);
	pthread_rwlock_destroy(lock);
	free(start);
	free(lock);
	return 0;
}
