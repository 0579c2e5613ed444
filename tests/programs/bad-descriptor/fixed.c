/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* What the broken ones do, done well: each number is closed once, by its owner, and forgotten. */
#include <sys/socket.h>
#include "steps.h"

static int pair[2];

static __attribute__((noinline)) void copy_config(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(1);
	close(fd);
	fd = -1;
	next_step();
	next_step();
	if (fd >= 0)
		close(fd);
	next_step();
}

static void *copies(void *arg)
{
	copy_config();
	close(pair[0]);
	return arg;
}

static void writes_log(void)
{
	int log;

	next_step();
	log = open("/dev/null", O_WRONLY);
	if (write(log, "a", 1) != 1)
		_exit(1);
	next_step();
	next_step();
	if (write(log, "b", 1) != 1)
		_exit(1);
	close(log);
}

int main(void)
{
	FILE *f;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	side_by_side(copies, writes_log);
	close(pair[1]);
	f = fdopen(open("/dev/zero", O_RDONLY), "r");
	if (!f || fgetc(f) != 0)
		return 1;
	fclose(f);
	return 0;
}
