/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
/* A barrier for three, and two threads: the third could not be started. */
#include <pthread.h>

static pthread_barrier_t all;

static void *works(void *arg)
{
	pthread_barrier_wait(&all);
	return arg;
}

int main(void)
{
	pthread_t t[2];

	pthread_barrier_init(&all, NULL, 3);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, works, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 1;
}
