/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* A thread sends on after it closed its socket; the number is another thread's file by then, and
 * the kernel says so (ENOTSOCK). */
#include <sys/socket.h>
#include "steps.h"

static int hit;

static void *sends(void *arg)
{
	int p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		_exit(1);
	if (send(p[0], "x", 1, 0) != 1)
		_exit(1);
	close(p[0]);
	next_step();
	next_step();
	hit = send(p[0], "x", 1, MSG_NOSIGNAL) < 0 && errno == ENOTSOCK;
	next_step();
	close(p[1]);
	return arg;
}

static void writes(void)
{
	int fd;

	next_step();
	fd = open("/dev/null", O_WRONLY);
	if (write(fd, "x", 1) != 1)
		_exit(1);
	next_step();
	next_step();
	close(fd);
}

int main(void)
{
	side_by_side(sends, writes);
	return !hit;
}
