/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
/* The loader gives up early and never says so: who waits for its post waits for ever, and main
 * joins the waiter. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>

static sem_t loaded;

static void *load(void *arg)
{
	int fd = open("/nonexistent/table", O_RDONLY);

	if (fd < 0)
		return arg; /* sem_post() is missing on this way out */
	sem_post(&loaded);
	return arg;
}

static void *serve(void *arg)
{
	sem_wait(&loaded);
	return arg;
}

int main(void)
{
	pthread_t loader, server;

	sem_init(&loaded, 0, 0);
	pthread_create(&server, NULL, serve, NULL);
	pthread_create(&loader, NULL, load, NULL);
	pthread_join(loader, NULL);
	pthread_join(server, NULL);
	return 1;
}
