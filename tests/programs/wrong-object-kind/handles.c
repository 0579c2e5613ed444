/* SPDX-License-Identifier: MIT */
/* expect: wrong-object-kind error */
/* Handles through void pointers: the one of a semaphore is taken as a mutex. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

typedef void *os_handle;

static os_handle os_sem_create(unsigned value)
{
	sem_t *s = calloc(1, 64);

	sem_init(s, 0, value);
	return s;
}

static void os_sem_delete(os_handle h)
{
	sem_destroy(h);
	free(h);
}

static void os_mutex_take(os_handle h)
{
	pthread_mutex_lock(h);
}

static void os_mutex_give(os_handle h)
{
	pthread_mutex_unlock(h);
}

static os_handle ready; /* nobody has posted yet: zero */

static void *driver(void *arg)
{
	os_mutex_take(ready);
	os_mutex_give(ready);
	return arg;
}

int main(void)
{
	pthread_t th;

	ready = os_sem_create(0);
	pthread_create(&th, NULL, driver, NULL);
	pthread_join(th, NULL);
	os_sem_delete(ready);
	return 0;
}
