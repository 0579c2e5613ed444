/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Files that are opened for the children that follow; the parent never touches them. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 12 };

int main(void)
{
	int fd[FILES], status, bad = 0;

	for (int i = 0; i < FILES; i++)
		fd[i] = open("/proc/self/status", O_RDONLY);
	for (int n = 0; n < 2; n++) {
		pid_t child = fork();

		if (child == 0) {
			char c;

			for (int i = 0; i < FILES; i++)
				bad += read(fd[i], &c, 1) != 1;
			_exit(bad);
		}
		bad += waitpid(child, &status, 0) != child || status != 0;
	}
	return bad;
}
