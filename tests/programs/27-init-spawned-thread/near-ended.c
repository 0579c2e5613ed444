/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The constructor's thread has something to do once, and ends. */
#include <pthread.h>
#include <semaphore.h>

static sem_t warm;

static void *warm_up(void *arg)
{
	sem_post(&warm);
	return arg;
}

__attribute__((constructor)) static void start(void)
{
	pthread_t thread;

	sem_init(&warm, 0, 0);
	pthread_create(&thread, NULL, warm_up, NULL);
	pthread_join(thread, NULL);
}

int main(void)
{
	return sem_wait(&warm);
}
