/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* A thread answers each client and forgets to close the connection. Four clients are there at a
 * time, so that each connection is also used after later ones were accepted. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS = 24, TOGETHER = 4 };

static sem_t accepted;

static void *serve(void *arg)
{
	int fd = *(int *)arg;
	char c;

	while (read(fd, &c, 1) == 1)
		if (write(fd, &c, 1) != 1)
			break;
	return NULL;
}

static void *listen_and_serve(void *arg)
{
	static pthread_t worker[CLIENTS];
	static int fd[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = accept(*(int *)arg, NULL, NULL);
		pthread_create(&worker[i], NULL, serve, &fd[i]);
		sem_post(&accepted);
	}
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(worker[i], NULL);
	return NULL;
}

static int ask(int fd)
{
	char c = 'x';

	return write(fd, &c, 1) == 1 && read(fd, &c, 1) == 1;
}

int main(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(a.sun_family) + 1;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd[TOGETHER], good = 0;
	pthread_t server;

	len += (socklen_t)snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "accepted-%d", getpid());
	sem_init(&accepted, 0, 0);
	if (bind(listener, (struct sockaddr *)&a, len) || listen(listener, CLIENTS))
		return 2;
	pthread_create(&server, NULL, listen_and_serve, &listener);
	for (int round = 0; round < CLIENTS / TOGETHER; round++) {
		for (int i = 0; i < TOGETHER; i++) {
			fd[i] = socket(AF_UNIX, SOCK_STREAM, 0);
			if (connect(fd[i], (struct sockaddr *)&a, len))
				return 3;
			sem_wait(&accepted);
		}
		for (int i = 0; i < TOGETHER; i++)
			good += ask(fd[i]);
		for (int i = 0; i < TOGETHER; i++)
			close(fd[i]);
	}
	pthread_join(server, NULL);
	close(listener);
	return good != CLIENTS;
}
