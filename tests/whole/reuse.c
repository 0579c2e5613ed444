/* SPDX-License-Identifier: MIT */
/*
 * A thousand heap mutexes, one after another at one address, none ever destroyed: reuse
 * sound|inverted. sound: the even ones are held while the global lock is taken, the odd ones are
 * taken under it. Different mutexes, so no order is broken. inverted: each is taken both ways
 * round, by two threads in turn, which is a real inversion although nothing hangs. The turns are
 * told by an atomic word, which orders nothing that a tool could take for a reason. Says how many
 * addresses there were.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t global = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *_Atomic given; /* to the second thread, and NULL when it is done */
static atomic_int over;

static void both(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

static void *second(void *arg)
{
	while (!over) {
		if (given) {
			both(&global, given);
			given = NULL;
		}
		sched_yield();
	}
	return arg;
}

static void *first(void *arg)
{
	const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
	int inverted = *(int *)arg, addresses = 0;
	void *last = NULL;

	for (int i = 0; i < 1000; i++) {
		pthread_mutex_t *m = malloc(sizeof(*m));

		*m = fresh;
		addresses += m != last;
		last = m;
		if (i % 2 == 0 || inverted)
			both(m, &global);
		if (i % 2 || inverted) {
			given = m;
			while (given)
				sched_yield();
		}
		free(m);
	}
	over = 1;
	printf("%d\n", addresses);
	return NULL;
}

int main(int argc, char **argv)
{
	int inverted = argc > 1 && !strcmp(argv[1], "inverted");
	pthread_t a, b;

	if (pthread_create(&a, NULL, first, &inverted) || pthread_create(&b, NULL, second, NULL))
		return 2;
	return pthread_join(a, NULL) || pthread_join(b, NULL);
}
