/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Looks with a zero timeout under the lock, by several threads that get in each other's way. */
#include "peer.h"
#include <poll.h>

#define LOOKERS 3
#define LOOKS	400

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct peer peer;
static int looks;

static void *looker_main(void *arg)
{
	struct pollfd wanted = {.fd = peer.fd, .events = POLLIN};
	struct timespec none = {0};

	(void)arg;
	for (int i = 0; i < LOOKS; i++) {
		pthread_mutex_lock(&lock);
		if (i % 2 == 0)
			looks += poll(&wanted, 1, 0) == 0;
		else
			looks += ppoll(&wanted, 1, &none, NULL) == 0;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t lookers[LOOKERS];

	peer_start(&peer);
	for (int i = 0; i < LOOKERS; i++)
		die_unless(pthread_create(&lookers[i], NULL, looker_main, NULL) == 0, "thread");
	for (int i = 0; i < LOOKERS; i++)
		pthread_join(lookers[i], NULL);
	peer_stop(&peer);
	return looks != LOOKERS * LOOKS;
}
