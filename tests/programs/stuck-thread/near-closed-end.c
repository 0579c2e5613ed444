/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The reader's repaired twin: the writing end is closed here, so the end comes. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	char buf[64];
	int p[2];
	pid_t child;

	if (pipe(p))
		return 1;
	child = fork();
	if (!child)
		_exit(write(p[1], "answer\n", 7) != 7);
	close(p[1]);
	while (read(p[0], buf, sizeof(buf)) > 0)
		;
	waitpid(child, NULL, 0);
	close(p[0]);
	return 0;
}
