/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* More threads than the count, but the turns come out even; later threads take the places of those
 * that ended; and a barrier is made anew after its last turn. */
#include <pthread.h>

static pthread_barrier_t pairs;

static void *worker(void *arg)
{
	pthread_barrier_wait(&pairs);
	return arg;
}

static void crowd(void)
{
	pthread_t t[6];

	for (int i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	pthread_barrier_init(&pairs, NULL, 2);
	crowd();
	crowd();
	pthread_barrier_destroy(&pairs);
	pthread_barrier_init(&pairs, NULL, 3);
	crowd();
	return pthread_barrier_destroy(&pairs);
}
