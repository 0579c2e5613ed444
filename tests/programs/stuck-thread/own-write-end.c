/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error */
/* hangs: --timeout 1 -> 124 */
/* Reads from a child until the end, with the writing end still open here: the end never comes. */
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
	if (!child) {
		if (write(p[1], "answer\n", 7) != 7)
			_exit(1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	while (read(p[0], buf, sizeof(buf)) > 0) /* close(p[1]) is missing before */
		;
	return 1;
}
