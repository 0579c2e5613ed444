/* SPDX-License-Identifier: MIT */
/* expect: use-after-destroy error */
/* The pool is shut down while a worker that nobody joins has one more job to book. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

struct pool {
	pthread_mutex_t lock;
	int done;
};

static sem_t shut, booked;
static int refused;

static void *worker(void *arg)
{
	struct pool *p = arg;

	sem_wait(&shut);
	refused = pthread_mutex_lock(&p->lock) == EINVAL;
	p->done++;
	sem_post(&booked);
	return NULL;
}

static void pool_shutdown(struct pool *p)
{
	pthread_mutex_destroy(&p->lock);
	sem_post(&shut);
}

int main(void)
{
	struct pool *p = calloc(1, sizeof(*p));
	pthread_t t;

	sem_init(&shut, 0, 0);
	sem_init(&booked, 0, 0);
	pthread_mutex_init(&p->lock, NULL);
	pthread_create(&t, NULL, worker, p);
	pool_shutdown(p);
	sem_wait(&booked);
	pthread_join(t, NULL);
	free(p);
	return !refused;
}
