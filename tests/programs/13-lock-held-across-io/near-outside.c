/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The same exchange with a slow peer, outside the section; what came is stored inside. */
#include "peer.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer peer;
static int answers, looks;

static void request(void)
{
	char byte = 0;

	peer_ask(&peer);
	die_unless(recv(peer.fd, &byte, 1, 0) == 1, "recv");
	pthread_mutex_lock(&lock);
	answers += byte == 'b';
	pthread_mutex_unlock(&lock);
}

static void *observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&peer.asked);
		pthread_mutex_lock(&lock);
		looks += answers >= i;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t observer;

	peer_start(&peer);
	die_unless(pthread_create(&observer, NULL, observer_main, NULL) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++)
		request();
	pthread_join(observer, NULL);
	peer_stop(&peer);
	return answers != ROUNDS || looks != ROUNDS;
}
