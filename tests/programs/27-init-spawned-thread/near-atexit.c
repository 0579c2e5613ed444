/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The constructor's thread is stopped and joined by an exit handler. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

static pthread_t thread;
static sem_t stop;

static void *wait_for_the_end(void *arg)
{
	sem_wait(&stop);
	return arg;
}

static void end(void)
{
	sem_post(&stop);
	pthread_join(thread, NULL);
}

__attribute__((constructor)) static void start(void)
{
	sem_init(&stop, 0, 0);
	pthread_create(&thread, NULL, wait_for_the_end, NULL);
}

int main(void)
{
	return atexit(end);
}
