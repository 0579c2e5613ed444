/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A sweep before an exec, a probe, a number replaced in one step by dup2(). */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int fd = open("/dev/null", O_RDONLY), other = open("/dev/zero", O_RDONLY), open_still;

	dup2(other, fd);
	close(other);
	close(fd);
	open_still = fcntl(fd, F_GETFD) != -1;
	for (int i = 3; i < 256; i++)
		close(i);
	return open_still;
}
