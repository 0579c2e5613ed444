/* SPDX-License-Identifier: MIT */
/* expect: destroy-while-in-use error */
/* Shut down under a thread that is at work. libc refuses, the answer is not looked at. */
#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t turn;

static void *works(void *arg)
{
	pthread_mutex_lock(&lock);
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	pthread_t t;
	int rc;

	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&t, NULL, works, NULL);
	pthread_barrier_wait(&turn);
	rc = pthread_mutex_destroy(&lock);
	pthread_barrier_wait(&turn);
	pthread_join(t, NULL);
	pthread_barrier_destroy(&turn);
	return rc != EBUSY;
}
