/* SPDX-License-Identifier: MIT */
/* expect: failed-call warning */
/* The memory for the fifth thread's stack can't be had; nobody looks at what pthread_create says.
 */
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t done;

static void *worker(void *arg)
{
	pthread_barrier_wait(&done);
	return arg;
}

int main(void)
{
	pthread_t th[5];
	pthread_attr_t attr;
	int refused = 0;

	pthread_barrier_init(&done, NULL, 5);
	pthread_attr_init(&attr);
	for (int i = 0; i < 5; i++) {
		if (i == 4)
			pthread_attr_setstacksize(&attr, (size_t)1 << 47);
		refused += pthread_create(&th[i], &attr, worker, NULL) != 0;
	}
	pthread_barrier_wait(&done);
	for (int i = 0; i < 4; i++)
		pthread_join(th[i], NULL);
	pthread_attr_destroy(&attr);
	pthread_barrier_destroy(&done);
	return refused != 1;
}
