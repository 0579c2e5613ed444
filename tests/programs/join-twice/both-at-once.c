/* SPDX-License-Identifier: MIT */
/* expect: join-twice error */
/* Two threads wait for a third one's end. glibc lets them both, and what the second one finds is
 * chance: the process ends before. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

static sem_t go;
static pthread_t worker;

static void *work(void *arg)
{
	sem_wait(&go);
	return arg;
}
static void *joins(void *arg)
{
	pthread_join(worker, arg);
	return arg;
}

int main(void)
{
	struct timespec moment = {0, 50000000};
	pthread_t t[2];

	sem_init(&go, 0, 0);
	pthread_create(&worker, NULL, work, NULL);
	for (int i = 0; i < 2; i++) {
		pthread_create(&t[i], NULL, joins, NULL);
		pthread_detach(t[i]);
		nanosleep(&moment, NULL);
	}
	exit(0);
}
