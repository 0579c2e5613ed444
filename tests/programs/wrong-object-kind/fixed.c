/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* handles.c, with a tag in front of each object that says what it is. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

enum sort { SEM = 1, MUTEX };
struct os_object {
	enum sort sort;
	union {
		sem_t sem;
		pthread_mutex_t mutex;
	} u;
};

static struct os_object *make(enum sort sort)
{
	struct os_object *o = calloc(1, sizeof(*o));

	o->sort = sort;
	if (sort == SEM)
		sem_init(&o->u.sem, 0, 0);
	else
		pthread_mutex_init(&o->u.mutex, NULL);
	return o;
}

static void take(struct os_object *o)
{
	if (o->sort == SEM)
		sem_wait(&o->u.sem);
	else
		pthread_mutex_lock(&o->u.mutex);
}

static void give(struct os_object *o)
{
	if (o->sort == SEM)
		sem_post(&o->u.sem);
	else
		pthread_mutex_unlock(&o->u.mutex);
}

static void delete (struct os_object *o)
{
	if (o->sort == SEM)
		sem_destroy(&o->u.sem);
	else
		pthread_mutex_destroy(&o->u.mutex);
	free(o);
}

static struct os_object *ready, *lock;

static void *driver(void *arg)
{
	take(lock);
	give(ready);
	give(lock);
	return arg;
}

int main(void)
{
	pthread_t th;

	ready = make(SEM);
	lock = make(MUTEX);
	pthread_create(&th, NULL, driver, NULL);
	take(ready);
	pthread_join(th, NULL);
	delete (lock);
	delete (ready);
	return 0;
}
