/* SPDX-License-Identifier: MIT */
/* expect: barrier-misuse error */
/* "Reset" by a second init while the first worker waits already. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static pthread_barrier_t start;
static volatile int begun;

static void *worker(void *arg)
{
	begun = 1;
	pthread_barrier_wait(&start);
	return arg;
}

int main(void)
{
	struct timespec moment = {0, 50000000};
	pthread_t t;

	pthread_barrier_init(&start, NULL, 2);
	pthread_create(&t, NULL, worker, NULL);
	pthread_detach(t);
	while (!begun)
		;
	nanosleep(&moment, NULL);
	pthread_barrier_init(&start, NULL, 2);
	exit(0);
}
