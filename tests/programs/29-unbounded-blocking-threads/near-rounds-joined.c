/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Five rounds of 40 threads; each round is joined before the next. */
#include <pthread.h>
#include <unistd.h>

static void *call(void *arg)
{
	usleep(30000);
	return arg;
}

int main(void)
{
	pthread_t thread[40];

	for (int r = 0; r < 5; r++) {
		for (int i = 0; i < 40; i++)
			if (pthread_create(&thread[i], NULL, call, NULL))
				return 1;
		for (int i = 0; i < 40; i++)
			pthread_join(thread[i], NULL);
		usleep(60000);
	}
	return 0;
}
