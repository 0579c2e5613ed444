/* SPDX-License-Identifier: MIT */
/* A listening socket and a client that sends N requests, one connection each, and waits for each
 * answer. */
#ifndef SERVER_H
#define SERVER_H

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define N 16

static struct sockaddr_un server_at;
static socklen_t server_len;

static inline int server_listen(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	server_at.sun_family = AF_UNIX; /* the kernel chooses an abstract name */
	server_len = sizeof(server_at.sun_family);
	if (fd < 0 || bind(fd, (struct sockaddr *)&server_at, server_len))
		exit(90);
	server_len = sizeof(server_at);
	if (getsockname(fd, (struct sockaddr *)&server_at, &server_len) || listen(fd, 64))
		exit(91);
	return fd;
}

static inline int client_connect(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&server_at, server_len))
		exit(92);
	return fd;
}

static inline void *client_one_by_one(void *arg)
{
	for (int i = 0; i < N; i++) {
		int fd = client_connect();
		char c = 'r';

		if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
			exit(93);
		close(fd);
	}
	return arg;
}

/* Until so many threads have come where they stay. */
static inline void all_there(sem_t *there, int n)
{
	while (n--)
		sem_wait(there);
	usleep(20000);
}

/* They are in use until the end: whoever has them watches them. */
static inline int watched(const int *fd, int n)
{
	struct pollfd p[2 * N];

	for (int i = 0; i < n; i++)
		p[i].fd = fd[i], p[i].events = POLLIN;
	return poll(p, (nfds_t)n, 0);
}

#endif
