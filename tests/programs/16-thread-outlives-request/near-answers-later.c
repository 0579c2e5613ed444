/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Requests wait for their answers: the threads work on them while the server takes more. The
 * process ends before they are done. */
#include "server.h"

static sem_t there;

static void *work(void *arg)
{
	sem_post(&there);
	sleep(30);
	if (write((int)(long)arg, "k", 1) == 1)
		close((int)(long)arg);
	return NULL;
}

int main(void)
{
	int fd = server_listen(), client[N], peer[N];
	pthread_attr_t attr;
	pthread_t thread;
	char c = 'r';

	sem_init(&there, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < N; i++) {
		client[i] = client_connect();
		if (write(client[i], &c, 1) != 1)
			return 1;
		peer[i] = accept(fd, NULL, NULL);
		if (peer[i] < 0 || read(peer[i], &c, 1) != 1)
			return 2;
		if (pthread_create(&thread, &attr, work, (void *)(long)peer[i]))
			return 3;
	}
	all_there(&there, N);
	return watched(client, N) + watched(peer, N); /* still open: the peers wait */
}
