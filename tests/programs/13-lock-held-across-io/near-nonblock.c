/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* recv() on an O_NONBLOCK descriptor under the lock: it never blocks, the wait is outside. */
#include "peer.h"
#include <fcntl.h>
#include <poll.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer peer;
static int answers, looks;

static int take_answer(void)
{
	char byte = 0;
	int took;

	pthread_mutex_lock(&lock);
	took = recv(peer.fd, &byte, 1, 0) == 1;
	answers += took;
	pthread_mutex_unlock(&lock);
	return took;
}

static void request(void)
{
	struct pollfd wanted = {.fd = peer.fd, .events = POLLIN};

	peer_ask(&peer);
	while (!take_answer())
		die_unless(poll(&wanted, 1, 5000) == 1, "poll");
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
	die_unless(fcntl(peer.fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
	die_unless(pthread_create(&observer, NULL, observer_main, NULL) == 0, "pthread_create");
	for (int i = 0; i < ROUNDS; i++)
		request();
	pthread_join(observer, NULL);
	peer_stop(&peer);
	return answers != ROUNDS || looks != ROUNDS;
}
