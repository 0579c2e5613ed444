/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop warning */
/* A prober: one connection after another to a service, one question each, all hung up in the end.
 */
#include "files.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#define PROBES 120

static struct sockaddr_in service = {.sin_family = AF_INET};

static void *service_main(void *arg)
{
	int listener = *(int *)arg;
	char byte;

	for (int i = 0; i < PROBES; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		die_unless(fd >= 0, "accept4");
		die_unless(recv(fd, &byte, 1, 0) == 1, "recv");
		byte++;
		die_unless(send(fd, &byte, 1, MSG_NOSIGNAL) == 1, "send");
		close(fd);
	}
	return NULL;
}

static int probe_service(void)
{
	int fds[PROBES], answers = 0;

	for (int i = 0; i < PROBES; i++) {
		char byte = 'a';

		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		die_unless(fds[i] >= 0, "socket");
		die_unless(connect(fds[i], (struct sockaddr *)&service, sizeof(service)) == 0,
			   "connect");
		die_unless(send(fds[i], &byte, 1, MSG_NOSIGNAL) == 1, "send");
		answers += recv(fds[i], &byte, 1, 0) == 1 && byte == 'b';
	}
	for (int i = 0; i < PROBES; i++)
		close(fds[i]);
	return answers;
}

int main(void)
{
	socklen_t size = sizeof(service);
	pthread_t thread;

	limit_descriptors(1024);
	service.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	die_unless(listener >= 0, "socket");
	die_unless(bind(listener, (struct sockaddr *)&service, size) == 0, "bind");
	die_unless(getsockname(listener, (struct sockaddr *)&service, &size) == 0, "getsockname");
	die_unless(listen(listener, 16) == 0, "listen");
	die_unless(pthread_create(&thread, NULL, service_main, &listener) == 0, "pthread_create");
	int answers = probe_service();
	pthread_join(thread, NULL);
	close(listener);
	return answers != PROBES;
}
