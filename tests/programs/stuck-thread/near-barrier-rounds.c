/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* Rounds at a barrier without end. */
#include <pthread.h>

static pthread_barrier_t all;

static void *rounds(void *arg)
{
	for (;;)
		pthread_barrier_wait(&all);
	return arg;
}

int main(void)
{
	pthread_t t[3];

	pthread_barrier_init(&all, NULL, 3);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, rounds, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}
