/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* Whoever posted has ended: one thread a connection. But who started those lives and waits for the
 * next connection. */
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>

static sem_t jobs;

static void *connection(void *arg)
{
	sem_post(&jobs);
	return arg;
}

static void *acceptor(void *arg)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	int s = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t t;

	for (int i = 0; i < 3; i++) {
		pthread_create(&t, NULL, connection, NULL);
		pthread_join(t, NULL);
	}
	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(s, (struct sockaddr *)&any, sizeof(any)) || listen(s, 5))
		return NULL;
	accept(s, NULL, NULL);
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
	pthread_t a, w;

	sem_init(&jobs, 0, 0);
	pthread_create(&w, NULL, worker, NULL);
	pthread_create(&a, NULL, acceptor, NULL);
	pthread_join(w, NULL);
	return 0;
}
