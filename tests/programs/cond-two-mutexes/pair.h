/* SPDX-License-Identifier: MIT */
/* A waiter that has surely begun to wait: it holds its mutex from the flag to the wait. */
#include <pthread.h>
#include <stdlib.h>

struct waiter {
	pthread_mutex_t *lock;
	pthread_cond_t *cond;
	int waits, go;
};

static inline void *wait_with(void *arg)
{
	struct waiter *w = arg;

	pthread_mutex_lock(w->lock);
	w->waits = 1;
	while (!w->go)
		pthread_cond_wait(w->cond, w->lock);
	pthread_mutex_unlock(w->lock);
	return arg;
}

static inline pthread_t waiting(struct waiter *w)
{
	pthread_t t;
	int waits = 0;

	if (pthread_create(&t, NULL, wait_with, w))
		abort();
	while (!waits) {
		pthread_mutex_lock(w->lock);
		waits = w->waits;
		pthread_mutex_unlock(w->lock);
	}
	return t;
}

static inline void let_go(struct waiter *w)
{
	pthread_mutex_lock(w->lock);
	w->go = 1;
	pthread_cond_broadcast(w->cond);
	pthread_mutex_unlock(w->lock);
}
