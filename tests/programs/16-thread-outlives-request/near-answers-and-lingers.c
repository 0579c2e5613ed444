/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The thread answers its request on a copy of the descriptor, and is still writing its log when the
 * process ends. */
#include "server.h"

#include <stdio.h>

static sem_t there;

static void *answer(void *arg)
{
	FILE *f = fdopen((int)(long)arg, "w");

	if (!f)
		exit(2);
	fputs("k", f);
	fclose(f);
	sem_post(&there);
	sleep(30);
	return NULL;
}

int main(void)
{
	int fd = server_listen();
	pthread_attr_t attr;
	pthread_t thread, client;

	sem_init(&there, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&client, NULL, client_one_by_one, NULL);
	for (int i = 0; i < N; i++) {
		int peer = accept(fd, NULL, NULL);
		char c;

		if (peer < 0 || read(peer, &c, 1) != 1)
			return 1;
		if (pthread_create(&thread, &attr, answer, (void *)(long)dup(peer)))
			return 3;
		close(peer);
	}
	pthread_join(client, NULL);
	all_there(&there, N);
	return 0;
}
