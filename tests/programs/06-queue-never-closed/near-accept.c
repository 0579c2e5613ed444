/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A server's thread waits in accept() when the process ends; its clients have gone. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include "../stuck-thread/hang.h"

static int listener;
static volatile int tid, served;

static void *serve(void *arg)
{
	char byte;
	int c;

	(void)arg;
	tid = own_tid();
	while ((c = accept(listener, NULL, NULL)) >= 0) {
		while (read(c, &byte, 1) == 1)
			;
		close(c);
		served++;
	}
	return NULL;
}

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	pthread_t t;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (void *)&a, sizeof(a)) || listen(listener, 4) ||
	    getsockname(listener, (void *)&a, &n) || pthread_create(&t, NULL, serve, NULL))
		return 1;
	for (int i = 0; i < 3; i++) {
		int s = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(s, (void *)&a, sizeof(a)) || write(s, "x", 1) != 1)
			return 1;
		close(s);
	}
	while (served < 3)
		usleep(1000);
	until_asleep(&tid);
	return 0;
}
