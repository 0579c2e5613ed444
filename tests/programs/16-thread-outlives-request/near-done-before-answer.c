/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The handler waits for its detached thread before it answers. */
#include "server.h"

struct job {
	sem_t done;
	char body[1000];
};

static void *work(void *arg)
{
	struct job *job = arg;

	usleep(1000);
	sem_post(&job->done);
	return NULL;
}

int main(void)
{
	int fd = server_listen();
	pthread_attr_t attr;
	pthread_t thread, client;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&client, NULL, client_one_by_one, NULL);
	for (int i = 0; i < N; i++) {
		int peer = accept(fd, NULL, NULL);
		struct job *job = malloc(sizeof(*job));

		if (!job || peer < 0 || read(peer, job->body, 1) != 1 ||
		    sem_init(&job->done, 0, 0) || pthread_create(&thread, &attr, work, job))
			return 1;
		sem_wait(&job->done);
		if (write(peer, "k", 1) != 1)
			return 2;
		close(peer);
		usleep(2000);
		sem_destroy(&job->done);
		free(job);
	}
	pthread_join(client, NULL);
	return 0;
}
