/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* A copy is closed, and used by the thread that still has its number. */
#include "steps.h"

static int copy, hit;

static void *stops(void *arg)
{
	close(copy);
	next_step();
	return arg;
}

static void uses(void)
{
	next_step();
	hit = dup2(copy, copy + 20) < 0 && errno == EBADF;
}

int main(void)
{
	int fd = open("/dev/null", O_RDWR);

	copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	side_by_side(stops, uses);
	close(fd);
	return !hit;
}
