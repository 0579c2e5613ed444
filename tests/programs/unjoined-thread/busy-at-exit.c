/* SPDX-License-Identifier: MIT */
/* expect: unjoined-thread warning */
/* One thread, still computing when main returns. */
#include <pthread.h>
#include <semaphore.h>

static sem_t begun;
static volatile unsigned long sum;

static void *compute(void *arg)
{
	sem_post(&begun);
	for (;;)
		sum += 1;
	return arg;
}

int main(void)
{
	pthread_t t;

	sem_init(&begun, 0, 0);
	if (pthread_create(&t, NULL, compute, NULL))
		return 2;
	sem_wait(&begun);
	return 0;
}
