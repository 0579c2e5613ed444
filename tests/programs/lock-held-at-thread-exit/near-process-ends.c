/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The process ends while a detached thread is in its critical section, and main holds a lock too.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, mine = PTHREAD_MUTEX_INITIALIZER;
static sem_t inside;

static void *daemon_thread(void *arg)
{
	pthread_mutex_lock(&lock);
	sem_post(&inside);
	for (;;)
		pause();
	return arg;
}

int main(void)
{
	pthread_attr_t a;
	pthread_t t;

	sem_init(&inside, 0, 0);
	pthread_attr_init(&a);
	pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
	pthread_create(&t, &a, daemon_thread, NULL);
	sem_wait(&inside);
	pthread_mutex_lock(&mine);
	exit(0);
}
