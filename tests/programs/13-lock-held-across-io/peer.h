/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this directory share: a slow peer, a thread that answers each byte that it
 * gets on a socketpair after 25 ms, and who tells the others that a slow call has begun.
 */
#ifndef PEER_H
#define PEER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS	8
#define SLOW_MS 25

static inline void die_unless(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static inline void sleep_ms(long ms)
{
	struct timespec rest = {0, ms * 1000 * 1000};

	nanosleep(&rest, NULL);
}

struct peer {
	int fd;	     /* of those who ask */
	int far_fd;  /* of the peer */
	sem_t asked; /* posted when a question has arrived, before the slow answer */
	pthread_t thread;
};

static inline void *peer_main(void *arg)
{
	struct peer *peer = (struct peer *)arg;
	char byte;

	while (recv(peer->far_fd, &byte, 1, 0) == 1) {
		sem_post(&peer->asked);
		sleep_ms(SLOW_MS);
		byte++;
		if (send(peer->far_fd, &byte, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	return NULL;
}

static inline void peer_start(struct peer *peer)
{
	int pair[2];

	die_unless(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
	die_unless(sem_init(&peer->asked, 0, 0) == 0, "sem_init");
	peer->fd = pair[0];
	peer->far_fd = pair[1];
	die_unless(pthread_create(&peer->thread, NULL, peer_main, peer) == 0, "pthread_create");
}

static inline void peer_stop(struct peer *peer)
{
	close(peer->fd);
	pthread_join(peer->thread, NULL);
	close(peer->far_fd);
	sem_destroy(&peer->asked);
}

static inline void peer_ask(struct peer *peer)
{
	die_unless(send(peer->fd, "a", 1, MSG_NOSIGNAL) == 1, "send");
}

#endif
