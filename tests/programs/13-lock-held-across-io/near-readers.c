/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Readers share the lock over slow calls, each on a peer of its own: none waits for another. */
#include "peer.h"

#define READERS 3

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t inside;
static struct peer peers[READERS];

static void *reader_main(void *arg)
{
	struct peer *peer = arg;
	char byte = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_rwlock_rdlock(&lock);
		pthread_barrier_wait(&inside);
		peer_ask(peer);
		die_unless(recv(peer->fd, &byte, 1, 0) == 1 && byte == 'b', "recv");
		pthread_rwlock_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t readers[READERS];

	pthread_barrier_init(&inside, NULL, READERS);
	for (int i = 0; i < READERS; i++)
		peer_start(&peers[i]);
	for (int i = 0; i < READERS; i++)
		die_unless(pthread_create(&readers[i], NULL, reader_main, &peers[i]) == 0,
			   "thread");
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	for (int i = 0; i < READERS; i++)
		peer_stop(&peers[i]);
	pthread_barrier_destroy(&inside);
	pthread_rwlock_destroy(&lock);
	return 0;
}
