/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* Every third call returns early, past the close. */
#include <fcntl.h>
#include <unistd.h>

static __attribute__((noinline)) int head(const char *path, int which)
{
	char buf[8];
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, buf, sizeof(buf)) != (ssize_t)sizeof(buf) || which % 3 == 0)
		return 1;
	close(fd);
	return 0;
}

int main(void)
{
	int failed = 0;

	for (int i = 0; i < 60; i++)
		failed += head("/proc/self/status", i) < 0;
	return failed;
}
