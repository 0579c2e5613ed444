/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* The descriptor of a stream is closed by its number; the stream closes what was opened next. One
 * thread is enough. */
#include "steps.h"

int main(void)
{
	FILE *f = fopen("/dev/zero", "r");
	int fd, next, hit;

	if (!f || fgetc(f) != 0)
		return 1;
	fd = fileno(f);
	close(fd);
	next = open("/dev/null", O_WRONLY);
	fclose(f);
	hit = next == fd && write(next, "x", 1) < 0 && errno == EBADF;
	return !hit;
}
