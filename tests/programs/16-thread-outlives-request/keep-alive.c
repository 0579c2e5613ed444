/* SPDX-License-Identifier: MIT */
/* expect: thread-outlives-request warning */
/* All requests come on one connection; each is answered first, then a thread is started that
 * detaches itself and sends mail later, with no heap block of its own. */
#include "server.h"

static sem_t there;

static void *mail_later(void *arg)
{
	pthread_detach(pthread_self());
	sem_post(&there);
	sleep(30);
	return arg;
}

static int serve(int fd)
{
	pthread_t thread;
	char c;

	if (read(fd, &c, 1) != 1)
		return 0;
	if (write(fd, &c, 1) != 1)
		return 0;
	return pthread_create(&thread, NULL, mail_later, NULL) == 0;
}

static void *client(void *arg)
{
	int fd = *(int *)arg;
	char c = 'r';

	for (int i = 0; i < N; i++)
		if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
			exit(2);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	int fd[2];

	sem_init(&there, 0, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ||
	    pthread_create(&thread, NULL, client, &fd[1]))
		return 1;
	for (int i = 0; i < N; i++)
		if (!serve(fd[0]))
			return 3;
	pthread_join(thread, NULL);
	all_there(&there, N);
	return 0;
}
