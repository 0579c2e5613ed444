/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* One thread, no other: an old number is closed again when something else has it, which is used
 * after that. */
#include "steps.h"

static __attribute__((noinline)) int read_header(int *kept)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;

	*kept = fd;
	if (read(fd, &c, 1) != 1)
		return 1;
	return close(fd);
}

int main(void)
{
	int old, fd, hit;

	if (read_header(&old))
		return 1;
	fd = open("/dev/null", O_WRONLY);
	close(old);
	hit = fd == old && write(fd, "x", 1) < 0 && errno == EBADF;
	return !hit;
}
