/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One request, answered, starts a fixed set of detached threads that refresh a cache for ever. */
#include "server.h"

static sem_t there;

static void *refresh(void *arg)
{
	sem_post(&there);
	for (;;)
		sleep(30);
	return arg;
}

int main(void)
{
	int fd = server_listen(), client = client_connect(), peer = accept(fd, NULL, NULL);
	pthread_attr_t attr;
	pthread_t thread;
	char c = 'r';

	sem_init(&there, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (write(client, &c, 1) != 1 || read(peer, &c, 1) != 1)
		return 1;
	for (int i = 0; i < N; i++)
		if (pthread_create(&thread, &attr, refresh, NULL))
			return 2;
	if (write(peer, &c, 1) != 1)
		return 3;
	close(peer);
	close(client);
	all_there(&there, N);
	return 0;
}
