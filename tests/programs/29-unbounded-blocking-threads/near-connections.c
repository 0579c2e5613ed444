/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Clients come in rounds and stay; a thread serves each, and waits for what its client sends next.
 */
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void *connection(void *arg)
{
	int fd = (int)(long)arg;
	char c;

	while (recv(fd, &c, 1, 0) == 1 && send(fd, &c, 1, MSG_NOSIGNAL) == 1)
		;
	close(fd);
	return NULL;
}

int main(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(at);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), client[50], n = 0;
	struct pollfd p[50];
	pthread_attr_t attr;
	pthread_t thread;
	char c = 'r';

	if (bind(fd, (struct sockaddr *)&at, sizeof(at.sun_family)) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&at, &len))
		return 1;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int r = 0; r < 5; r++) {
		for (int i = 0; i < 10; i++) {
			client[n] = socket(AF_UNIX, SOCK_STREAM, 0);
			if (connect(client[n], (struct sockaddr *)&at, len) ||
			    pthread_create(&thread, &attr, connection,
					   (void *)(long)accept(fd, NULL, NULL)))
				return 2;
			if (send(client[n], &c, 1, 0) != 1 || recv(client[n], &c, 1, 0) != 1)
				return 3;
			n++;
		}
		usleep(100000);
	}
	for (n = 0; n < 50; n++)
		p[n] = (struct pollfd){.fd = client[n], .events = POLLIN};
	return poll(p, 50, 10); /* the clients stay, and wait for more */
}
