/* expect: clean */
/* SPDX-License-Identifier: MIT */
/* One thread reads the first half of a directory and hands the stream on by a semaphore; gmtime()
 * is called by one before a barrier and by the other after it; localtime() on both sides of a
 * condition variable's hand-over. */
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t turn;
static bool waiting, done;
static DIR *dir;
static time_t now;

static void *first(void *arg)
{
	readdir(dir);
	sem_post(&turn);
	lrand48();
	pthread_barrier_wait(&barrier);
	pthread_mutex_lock(&lock);
	while (!waiting) { /* only a wait that a signal ends hands anything over */
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
	}
	pthread_mutex_unlock(&lock);
	localtime(&now);
	pthread_mutex_lock(&lock);
	done = true;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *second(void *arg)
{
	while (sem_wait(&turn))
		;
	readdir(dir);
	pthread_barrier_wait(&barrier);
	lrand48();
	pthread_mutex_lock(&lock);
	waiting = true;
	while (!done)
		pthread_cond_wait(&ready, &lock);
	pthread_mutex_unlock(&lock);
	localtime(&now);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	dir = opendir("/");
	now = time(NULL);
	sem_init(&turn, 0, 0);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	closedir(dir);
	sem_destroy(&turn);
	pthread_barrier_destroy(&barrier);
	return 0;
}
