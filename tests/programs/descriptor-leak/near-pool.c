/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Connections that are opened once and used in turn to the end. */
#include <fcntl.h>
#include <unistd.h>

enum { POOL = 16 };

int main(void)
{
	int fd[POOL], bad = 0;

	for (int i = 0; i < POOL; i++)
		fd[i] = open("/dev/null", O_WRONLY);
	for (int i = 0; i < 500; i++)
		bad += write(fd[i % POOL], "query", 5) != 5;
	return bad;
}
