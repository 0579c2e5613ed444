/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* The acceptor opens for all; one worker closes its connection twice, the second time another
 * worker's. That one notices at its own close. */
#include <sys/socket.h>
#include "steps.h"

static int first, second, peer[2], hit;

static int connection(int *peer_of_it)
{
	int p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		_exit(1);
	*peer_of_it = p[1];
	return p[0];
}

static void *twice(void *arg)
{
	char c;

	next_step();
	if (send(first, "x", 1, 0) != 1 || recv(first, &c, 1, MSG_DONTWAIT) >= 0)
		_exit(1);
	close(first);
	next_step();
	next_step();
	close(first);
	next_step();
	return arg;
}

static void *other(void *arg)
{
	if (send(second, "x", 1, 0) != 1)
		_exit(1);
	return arg;
}

static void acceptor(void)
{
	pthread_t t;

	first = connection(&peer[0]);
	next_step();
	next_step();
	second = connection(&peer[1]);
	if (pthread_create(&t, NULL, other, NULL))
		_exit(1);
	pthread_join(t, NULL);
	next_step();
	next_step();
	hit = close(second) < 0 && errno == EBADF;
}

int main(void)
{
	side_by_side(twice, acceptor);
	close(peer[0]);
	close(peer[1]);
	return !hit;
}
