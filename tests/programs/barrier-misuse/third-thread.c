/* SPDX-License-Identifier: MIT */
/* expect: barrier-misuse error */
/* hangs: --timeout 2 -> 124 */
/* A third worker was added, the barrier is still for two. */
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t together;

static void *worker(void *arg)
{
	pthread_barrier_wait(&together);
	return arg;
}

int main(void)
{
	pthread_t t[3];

	pthread_barrier_init(&together, NULL, 2);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}
