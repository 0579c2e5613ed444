/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* main waits for a signal, a worker for main. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t go;

static void *worker(void *arg)
{
	sem_wait(&go);
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&go, 0, 0);
	pthread_create(&t, NULL, worker, NULL);
	pause();
	return 0;
}
