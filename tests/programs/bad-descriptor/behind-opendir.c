/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* fdopendir() takes a descriptor over; its first owner closes it all the same. Another thread's
 * pipe dies with the directory. */
#include <dirent.h>
#include "steps.h"

static int hit;

static void *lists(void *arg)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(fd);

	if (!d || !readdir(d))
		_exit(1);
	close(fd);
	next_step();
	next_step();
	closedir(d);
	next_step();
	return arg;
}

static void talks(void)
{
	int p[2];
	char c;

	next_step();
	if (pipe(p) || write(p[1], "x", 1) != 1)
		_exit(1);
	next_step();
	next_step();
	hit = read(p[0], &c, 1) < 0 && errno == EBADF;
	close(p[1]);
}

int main(void)
{
	side_by_side(lists, talks);
	return !hit;
}
