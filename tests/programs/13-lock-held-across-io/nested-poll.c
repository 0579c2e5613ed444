/* SPDX-License-Identifier: MIT */
/* expect: lock-held-across-io warning */
/* The call that blocks is three functions away from the lock: poll() with a timeout, in a helper.
 */
#include "peer.h"
#include <poll.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer peer;
static int refreshed, looks;

static int answer_ready(int fd, int timeout_ms)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	return poll(&wanted, 1, timeout_ms) == 1;
}

static char fetch_byte(int fd)
{
	char byte = 0;

	die_unless(answer_ready(fd, 5000), "poll");
	die_unless(recv(fd, &byte, 1, MSG_DONTWAIT) == 1, "recv");
	return byte;
}

static void refresh(void)
{
	pthread_mutex_lock(&lock);
	peer_ask(&peer);
	refreshed += fetch_byte(peer.fd) == 'b';
	pthread_mutex_unlock(&lock);
}

static void *observer_main(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&peer.asked);
		pthread_mutex_lock(&lock);
		looks += refreshed > i;
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
		refresh();
	pthread_join(observer, NULL);
	peer_stop(&peer);
	return refreshed != ROUNDS || looks != ROUNDS;
}
