/* SPDX-License-Identifier: MIT */
/* expect: send-blocks-shutdown error */
/* hangs: --timeout 1 -> 124 */
/* The reader has seen enough and joins the writer, whose pipe is full. */
#include <pthread.h>
#include <unistd.h>

static int fd[2];
static volatile int stop;

static void *produce(void *arg)
{
	static char block[65536];

	while (!stop)
		if (write(fd[1], block, sizeof(block)) < 0)
			break;
	return arg;
}

int main(void)
{
	pthread_t t;
	char some[1024];

	if (pipe(fd) || pthread_create(&t, NULL, produce, NULL))
		return 1;
	for (int i = 0; i < 3; i++)
		if (read(fd[0], some, sizeof(some)) <= 0)
			return 1;
	for (int i = 0; i < 3; i++) /* let it fill the pipe again */
		usleep(20000);
	stop = 1;
	pthread_join(t, NULL);
	return 1;
}
