/* SPDX-License-Identifier: MIT */
/* expect: double-init error */
/* A condition variable is made anew under its waiter, who is never woken. */
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready;
static int waits;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&lock);
	waits = 1;
	pthread_cond_wait(&ready, &lock);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void reset(void)
{
	pthread_cond_init(&ready, NULL);
}

int main(void)
{
	pthread_t t;
	int there = 0;

	reset();
	pthread_create(&t, NULL, waiter, NULL);
	pthread_detach(t);
	while (!there) {
		pthread_mutex_lock(&lock);
		there = waits;
		pthread_mutex_unlock(&lock);
	}
	reset();
	_exit(0);
}
