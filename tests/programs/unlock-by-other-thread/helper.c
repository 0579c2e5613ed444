/* SPDX-License-Identifier: MIT */
/* expect: unlock-by-other-thread error */
/* An error path unlocks once too often, and hits the next holder. */
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t taken, done;

static __attribute__((noinline)) void leave(void)
{
	pthread_mutex_unlock(&lock);
	__asm__ volatile("" ::: "memory");
}

static void *next_holder(void *arg)
{
	pthread_mutex_lock(&lock);
	sem_post(&taken);
	sem_wait(&done);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&taken, 0, 0);
	sem_init(&done, 0, 0);
	pthread_mutex_lock(&lock);
	leave();
	pthread_create(&t, NULL, next_holder, NULL);
	sem_wait(&taken);
	leave();
	sem_post(&done);
	pthread_join(t, NULL);
	return 0;
}
