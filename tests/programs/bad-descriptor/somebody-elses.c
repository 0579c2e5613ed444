/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* An error path closes a number that was closed already; another thread has opened its own file
 * under it meanwhile, and loses that. */
#include "steps.h"

static int hit;

static __attribute__((noinline)) void copy_config(int fail)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(1);
	close(fd);
	next_step();
	next_step();
	if (fail)
		close(fd);
	next_step();
}

static void *copies(void *arg)
{
	copy_config(1);
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
	hit = write(log, "b", 1) < 0 && errno == EBADF;
}

int main(void)
{
	side_by_side(copies, writes_log);
	return !hit;
}
