/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Five overlapping rounds of five: few. */
#include <pthread.h>
#include <unistd.h>

static void *call(void *arg)
{
	usleep(700000);
	return arg;
}

int main(void)
{
	pthread_t thread[25];

	for (int r = 0; r < 5; r++) {
		for (int i = 0; i < 5; i++)
			if (pthread_create(&thread[r * 5 + i], NULL, call, NULL))
				return 1;
		usleep(100000);
	}
	for (int i = 0; i < 25; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
