/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* The pipe of a command is closed by its number; pclose() closes another thread's socket. */
#include <stdlib.h>
#include <sys/socket.h>
#include "steps.h"

static int hit;

static void *asks(void *arg)
{
	FILE *f = popen("true", "r");

	if (!f)
		_exit(1);
	close(fileno(f));
	next_step();
	next_step();
	pclose(f);
	next_step();
	return arg;
}

static void talks(void)
{
	int fd;

	next_step();
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	next_step();
	next_step();
	hit = send(fd, "x", 1, 0) < 0 && errno == EBADF;
}

int main(void)
{
	side_by_side(asks, talks);
	return !hit;
}
