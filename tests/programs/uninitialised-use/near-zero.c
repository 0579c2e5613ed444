/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Zeros, and what zeros are for: calloc, static memory, memset. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

struct object {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_rwlock_t rwlock;
	sem_t sem;
};

static int use(struct object *o)
{
	pthread_mutex_lock(&o->mutex);
	pthread_cond_signal(&o->cond);
	pthread_cond_broadcast(&o->cond);
	pthread_mutex_unlock(&o->mutex);
	pthread_rwlock_rdlock(&o->rwlock);
	pthread_rwlock_unlock(&o->rwlock);
	pthread_rwlock_wrlock(&o->rwlock);
	pthread_rwlock_unlock(&o->rwlock);
	sem_post(&o->sem);
	return sem_wait(&o->sem) + pthread_mutex_trylock(&o->mutex) +
	       pthread_mutex_unlock(&o->mutex);
}

static struct object in_bss;

int main(void)
{
	struct object *o = calloc(1, sizeof(*o)), *p = malloc(sizeof(*p));
	int bad;

	memset(p, 0, sizeof(*p));
	bad = use(o) + use(p) + use(&in_bss);
	free(o);
	free(p);
	return bad;
}
