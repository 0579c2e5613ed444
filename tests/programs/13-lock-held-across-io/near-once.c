/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The body of a pthread_once does slow I/O; who comes meanwhile waits for it, as it has to be. */
#include "peer.h"

#define USERS 4

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct peer peer;
static char loaded;

static void load_once(void)
{
	peer_ask(&peer);
	die_unless(recv(peer.fd, &loaded, 1, 0) == 1, "recv");
}

static void *user_main(void *arg)
{
	sem_wait(&peer.asked);
	pthread_once(&once, load_once);
	*(int *)arg = loaded == 'b';
	return NULL;
}

int main(void)
{
	pthread_t users[USERS];
	int right[USERS] = {0}, sum = 0;

	peer_start(&peer);
	for (int i = 0; i < USERS; i++)
		die_unless(pthread_create(&users[i], NULL, user_main, &right[i]) == 0, "thread");
	for (int i = 1; i < USERS; i++) /* the peer posts one more once it has been asked */
		sem_post(&peer.asked);
	pthread_once(&once, load_once);
	for (int i = 0; i < USERS; i++) {
		pthread_join(users[i], NULL);
		sum += right[i];
	}
	peer_stop(&peer);
	return sum != USERS;
}
