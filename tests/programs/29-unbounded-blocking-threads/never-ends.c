/* SPDX-License-Identifier: MIT */
/* expect: unbounded-blocking-threads warning */
/* hangs: --timeout 2 -> 124 */
/* The rounds go on until the process is ended from outside. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *ask(void *arg)
{
	int fd[2];
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) || write(fd[0], "?", 1) != 1)
		exit(2);
	if (recv(fd[0], &c, 1, 0) == 1)
		close(fd[0]);
	return arg;
}

int main(void)
{
	pthread_t thread;

	for (;;) {
		for (int i = 0; i < 8; i++)
			if (pthread_create(&thread, NULL, ask, NULL) || pthread_detach(thread))
				return 1;
		usleep(100000);
	}
}
