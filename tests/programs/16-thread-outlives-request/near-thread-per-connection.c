/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A detached thread owns each connection: it reads, answers and waits for more. */
#include "server.h"

static sem_t there;

static void *connection(void *arg)
{
	int fd = (int)(long)arg;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (write(fd, &c, 1) != 1)
			break;
		sem_post(&there);
	}
	close(fd);
	return NULL;
}

int main(void)
{
	int fd = server_listen(), client[N];
	pthread_attr_t attr;
	pthread_t thread;
	char c = 'r';

	sem_init(&there, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (long i = 0; i < N; i++) {
		client[i] = client_connect();
		if (pthread_create(&thread, &attr, connection,
				   (void *)(long)accept(fd, NULL, NULL)))
			return 1;
		if (write(client[i], &c, 1) != 1 || read(client[i], &c, 1) != 1)
			return 2;
	}
	all_there(&there, N);
	return watched(client, N); /* still open: the threads wait for more */
}
