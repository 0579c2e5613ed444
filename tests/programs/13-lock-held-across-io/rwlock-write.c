/* SPDX-License-Identifier: MIT */
/* expect: lock-held-across-io warning */
/* The write side of an rwlock is held over read() while readers want in. */
#include "peer.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct peer peer;
static int value;

static void reload_value(void)
{
	char byte = 0;

	pthread_rwlock_wrlock(&lock);
	peer_ask(&peer);
	die_unless(read(peer.fd, &byte, 1) == 1, "read");
	value += byte == 'b';
	pthread_rwlock_unlock(&lock);
}

static void *reader_main(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&peer.asked);
		pthread_rwlock_rdlock(&lock);
		*(int *)arg += value > i;
		pthread_rwlock_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t reader;
	int seen = 0;

	peer_start(&peer);
	die_unless(pthread_create(&reader, NULL, reader_main, &seen) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++)
		reload_value();
	pthread_join(reader, NULL);
	peer_stop(&peer);
	return value != ROUNDS || seen != ROUNDS;
}
