/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A pool of detached workers that grows while requests come, and idles at the end. */
#include "server.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int jobs, idle, workers;

static void *worker(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		idle++;
		while (!jobs)
			pthread_cond_wait(&filled, &lock);
		idle--;
		jobs--;
		pthread_mutex_unlock(&lock);
		usleep(3000);
		pthread_mutex_lock(&lock);
	}
	return arg;
}

static void submit(const pthread_attr_t *attr)
{
	pthread_t thread;

	pthread_mutex_lock(&lock);
	jobs++;
	if (workers < 12) {
		workers++;
		if (pthread_create(&thread, attr, worker, NULL))
			exit(2);
	}
	pthread_cond_signal(&filled);
	pthread_mutex_unlock(&lock);
}

static int all_idle(void)
{
	int n;

	pthread_mutex_lock(&lock);
	n = idle;
	pthread_mutex_unlock(&lock);
	return n == 12;
}

int main(void)
{
	int fd = server_listen();
	pthread_attr_t attr;
	pthread_t client;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&client, NULL, client_one_by_one, NULL);
	for (int i = 0; i < N; i++) {
		int peer = accept(fd, NULL, NULL);
		char c;

		if (peer < 0 || read(peer, &c, 1) != 1)
			return 1;
		submit(&attr);
		if (write(peer, "k", 1) != 1)
			return 3;
		close(peer);
	}
	pthread_join(client, NULL);
	while (!all_idle())
		usleep(1000);
	return 0;
}
