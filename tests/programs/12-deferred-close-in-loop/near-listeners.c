/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A server on many ports: all listeners are polled until the end, few of them are ever called. */
#include "files.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#define PORTS 100
#define CALLS 30

static struct sockaddr_in addresses[PORTS];

static void *callers_main(void *arg)
{
	char byte;

	(void)arg;
	for (int i = 0; i < CALLS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct sockaddr *to = (struct sockaddr *)&addresses[i * 3];

		die_unless(fd >= 0 && connect(fd, to, sizeof(addresses[0])) == 0, "connect");
		die_unless(recv(fd, &byte, 1, 0) == 1, "recv");
		close(fd);
	}
	return NULL;
}

static int listen_anywhere(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	die_unless(fd >= 0 && bind(fd, (struct sockaddr *)address, size) == 0, "bind");
	die_unless(listen(fd, 8) == 0, "listen");
	die_unless(getsockname(fd, (struct sockaddr *)address, &size) == 0, "getsockname");
	return fd;
}

static int serve(struct pollfd *listeners)
{
	int served = 0;

	while (served < CALLS) {
		die_unless(poll(listeners, PORTS, -1) > 0, "poll");
		for (int i = 0; i < PORTS; i++) {
			if (!(listeners[i].revents & POLLIN))
				continue;
			int fd = accept4(listeners[i].fd, NULL, NULL, SOCK_CLOEXEC);

			die_unless(fd >= 0 && send(fd, "!", 1, MSG_NOSIGNAL) == 1, "send");
			close(fd);
			served++;
		}
	}
	return served;
}

int main(void)
{
	struct pollfd listeners[PORTS];
	pthread_t callers;

	limit_descriptors(512);
	for (int i = 0; i < PORTS; i++) {
		listeners[i].fd = listen_anywhere(&addresses[i]);
		listeners[i].events = POLLIN;
	}
	die_unless(pthread_create(&callers, NULL, callers_main, NULL) == 0, "pthread_create");
	int served = serve(listeners);
	pthread_join(callers, NULL);
	for (int i = 0; i < PORTS; i++)
		close(listeners[i].fd);
	return served != CALLS;
}
