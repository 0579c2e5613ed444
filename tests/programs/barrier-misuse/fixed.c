/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The barrier is for as many as there are. */
#include <pthread.h>

static pthread_barrier_t together;

static void *worker(void *arg)
{
	for (int i = 0; i < 3; i++)
		pthread_barrier_wait(&together);
	return arg;
}

int main(void)
{
	pthread_t t[3];

	pthread_barrier_init(&together, NULL, 3);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return pthread_barrier_destroy(&together);
}
