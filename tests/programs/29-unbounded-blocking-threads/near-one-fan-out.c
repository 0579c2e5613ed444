/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One fan-out of 48 threads, each start logged, all joined. */
#include <pthread.h>
#include <unistd.h>

static void *call(void *arg)
{
	usleep(200000);
	return arg;
}

int main(void)
{
	pthread_t thread[48];
	int log[2];

	if (pipe(log))
		return 1;
	for (int i = 0; i < 48; i++)
		if (pthread_create(&thread[i], NULL, call, NULL) || write(log[1], ".", 1) != 1)
			return 2;
	for (int i = 0; i < 48; i++)
		pthread_join(thread[i], NULL);
	close(log[0]);
	close(log[1]);
	return 0;
}
