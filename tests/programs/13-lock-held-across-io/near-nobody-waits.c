/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The lock serialises a connection and is held over the exchange, but nobody ever waits for it. */
#include "peer.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer peer;
static sem_t turn[2];
static int answers;

static void request(void)
{
	char byte = 0;

	pthread_mutex_lock(&lock);
	peer_ask(&peer);
	die_unless(recv(peer.fd, &byte, 1, 0) == 1, "recv");
	answers += byte == 'b';
	pthread_mutex_unlock(&lock);
}

static void *client_main(void *arg)
{
	int me = *(int *)arg;

	for (int i = 0; i < ROUNDS / 2; i++) {
		sem_wait(&turn[me]);
		request();
		sem_post(&turn[!me]);
	}
	return NULL;
}

int main(void)
{
	int names[2] = {0, 1};
	pthread_t clients[2];

	peer_start(&peer);
	for (int i = 0; i < 2; i++)
		die_unless(sem_init(&turn[i], 0, i == 0) == 0, "sem_init");
	for (int i = 0; i < 2; i++)
		die_unless(pthread_create(&clients[i], NULL, client_main, &names[i]) == 0,
			   "thread");
	for (int i = 0; i < 2; i++)
		pthread_join(clients[i], NULL);
	for (int i = 0; i < 2; i++)
		sem_destroy(&turn[i]);
	peer_stop(&peer);
	return answers != ROUNDS;
}
