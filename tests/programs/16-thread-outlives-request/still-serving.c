/* SPDX-License-Identifier: MIT */
/* expect: thread-outlives-request warning */
/* hangs: --timeout 2 -> 124 */
/* A server that goes on is ended from outside: what it left behind has lived long. */
#include "server.h"

static void *upload_later(void *arg)
{
	sleep(30);
	free(arg);
	return NULL;
}

int main(void)
{
	int fd = server_listen();
	pthread_attr_t attr;
	pthread_t thread;

	pthread_create(&thread, NULL, client_one_by_one, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (;;) {
		int client = accept(fd, NULL, NULL);
		char *body = malloc(20000);

		if (client < 0 || !body || read(client, body, 1) != 1)
			return 1;
		if (pthread_create(&thread, &attr, upload_later, body))
			return 2;
		if (write(client, "k", 1) != 1)
			return 3;
		close(client);
	}
}
