/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* main joins workers; what they wait for comes from a thread that polls. They had work once. */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t jobs;
static int wake[2];

static void *network(void *arg)
{
	struct pollfd p = {.fd = wake[0], .events = POLLIN};

	for (int i = 0; i < 4; i++)
		sem_post(&jobs);
	while (poll(&p, 1, -1) >= 0)
		sem_post(&jobs);
	return arg;
}

static void *worker(void *arg)
{
	for (;;)
		sem_wait(&jobs);
	return arg;
}

int main(void)
{
	pthread_t t[4], net;

	sem_init(&jobs, 0, 0);
	if (pipe(wake))
		return 1;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	pthread_create(&net, NULL, network, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	return 0;
}
