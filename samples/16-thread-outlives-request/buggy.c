/* SPDX-License-Identifier: MIT */
/*
 * An upload service: a client sends a file, is told 202 (accepted), and the file goes on to slow
 * storage.
 *
 * The mistake: handle_upload() gives each body to a detached thread of its own and answers at once;
 * nothing limits how many of them sleep and wait for the storage, each with its 64 KiB.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS 16
#define BODY	 65536

struct upload {
	size_t len;
	char body[BODY];
};

static void store(const struct upload *up)
{
	struct timespec takes = {.tv_sec = 10 + (up->len == 0)};

	nanosleep(&takes, NULL);
}

static void *upload_later(void *arg)
{
	struct upload *up = arg;

	store(up);
	free(up);
	return NULL;
}

static void handle_upload(int client)
{
	struct upload *up = malloc(sizeof(*up));
	pthread_attr_t attr;
	pthread_t thread;

	if (!up)
		return;
	up->len = (size_t)recv(client, up->body, sizeof(up->body), MSG_WAITALL);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, upload_later, up) == 0)
		send(client, "202", 3, MSG_NOSIGNAL);
	else
		free(up);
	pthread_attr_destroy(&attr);
}

/* Clients: each sends a body and waits until the server says that it has it. */
static void *clients(void *address)
{
	static char body[BODY];
	long accepted = 0;

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < REQUESTS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		char answer[4] = "";

		if (connect(fd, address, sizeof(struct sockaddr_in)) == 0 &&
		    send(fd, body, sizeof(body), MSG_NOSIGNAL) == sizeof(body) &&
		    recv(fd, answer, 3, MSG_WAITALL) == 3)
			accepted += strcmp(answer, "202") == 0;
		close(fd);
	}
	return (void *)accepted;
}

static int listen_here(struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof(*address)) != 0 ||
	    listen(fd, 8) != 0 || getsockname(fd, (struct sockaddr *)address, &len) != 0)
		exit(1);
	return fd;
}

int main(void)
{
	struct timespec grace = {.tv_nsec = 50000000};
	struct sockaddr_in address;
	int fd = listen_here(&address);
	pthread_t thread;
	void *accepted;

	if (pthread_create(&thread, NULL, clients, &address) != 0)
		return 1;
	for (int i = 0; i < REQUESTS; i++) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			return 1;
		handle_upload(client);
		close(client);
	}
	pthread_join(thread, &accepted);
	close(fd);
	nanosleep(&grace, NULL);
	printf("%ld uploads accepted\n", (long)accepted);
	return 0;
}
