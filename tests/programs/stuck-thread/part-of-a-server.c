/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread warning */
/* hangs: --timeout 1 -> 124 */
/* One request hangs while the rest of the server lives: who filled its queue has ended, its owner
 * joins it; a housekeeper that never had to do with it goes on. */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static sem_t parts;

static void *housekeeper(void *arg)
{
	for (;;)
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	return arg;
}

static void *fill(void *arg)
{
	sem_post(&parts);
	sem_post(&parts);
	return arg;
}

static void *drain(void *arg)
{
	for (int i = 0; i < 3; i++)
		sem_wait(&parts);
	return arg;
}

int main(void)
{
	pthread_t house, a, b;

	sem_init(&parts, 0, 0);
	pthread_create(&house, NULL, housekeeper, NULL);
	pthread_create(&b, NULL, drain, NULL);
	pthread_create(&a, NULL, fill, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 1;
}
