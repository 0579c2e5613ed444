/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* A worker closes the connection it was given, and so does the one who gave it. */
#include <sys/socket.h>
#include "steps.h"

static int pair[2], refused;

static void *serves(void *arg)
{
	close(pair[0]);
	next_step();
	return arg;
}

static void cleans_up(void)
{
	next_step();
	refused = close(pair[0]) < 0 && errno == EBADF;
}

int main(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	side_by_side(serves, cleans_up);
	close(pair[1]);
	return !refused;
}
