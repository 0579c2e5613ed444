/* SPDX-License-Identifier: MIT */
/* expect: unbounded-blocking-threads warning */
/* Rounds of joinable threads, each blocked in one slow call; all are joined when the rounds are
 * over, so none is left to be seen at the end. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 6
#define EACH   10

static void slow_call(void)
{
	usleep(900000);
}

static void *call(void *arg)
{
	slow_call();
	return arg;
}

int main(void)
{
	pthread_t thread[ROUNDS * EACH];

	for (int r = 0; r < ROUNDS; r++) {
		for (int i = 0; i < EACH; i++)
			if (pthread_create(&thread[r * EACH + i], NULL, call, NULL))
				return 1;
		usleep(120000);
	}
	for (int i = 0; i < ROUNDS * EACH; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
