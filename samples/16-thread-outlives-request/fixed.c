/* SPDX-License-Identifier: MIT */
/*
 * An upload service: a client sends a file, is told 202 (accepted), and the file goes on to slow
 * storage.
 *
 * Two threads store the files; handle_upload() hands them over through a queue of four, and waits
 * while it is full. At the end a NULL tells each of them to stop, and they are joined.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS 16
#define BODY	 65536
#define ROOM	 4

struct upload {
	size_t len;
	char body[BODY];
};

static struct {
	pthread_mutex_t lock;
	sem_t room, filled;
	struct upload *item[ROOM];
	unsigned in, out;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void queue_put(struct upload *up)
{
	sem_wait(&queue.room);
	pthread_mutex_lock(&queue.lock);
	queue.item[queue.in++ % ROOM] = up;
	pthread_mutex_unlock(&queue.lock);
	sem_post(&queue.filled);
}

static struct upload *queue_take(void)
{
	struct upload *up;

	sem_wait(&queue.filled);
	pthread_mutex_lock(&queue.lock);
	up = queue.item[queue.out++ % ROOM];
	pthread_mutex_unlock(&queue.lock);
	sem_post(&queue.room);
	return up;
}

static void store(const struct upload *up)
{
	struct timespec takes = {.tv_nsec = 10000000 + (up->len == 0)};

	nanosleep(&takes, NULL);
}

static void *uploader(void *arg)
{
	struct upload *up;

	while ((up = queue_take())) {
		store(up);
		free(up);
	}
	return arg;
}

static void handle_upload(int client)
{
	struct upload *up = malloc(sizeof(*up));

	if (!up)
		return;
	up->len = (size_t)recv(client, up->body, sizeof(up->body), MSG_WAITALL);
	queue_put(up);
	send(client, "202", 3, MSG_NOSIGNAL);
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
	pthread_t thread, uploaders[2];
	void *accepted;

	sem_init(&queue.room, 0, ROOM);
	sem_init(&queue.filled, 0, 0);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&uploaders[i], NULL, uploader, NULL) != 0)
			return 1;
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
	for (int i = 0; i < 2; i++)
		queue_put(NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(uploaders[i], NULL);
	printf("%ld uploads accepted\n", (long)accepted);
	return 0;
}
