/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Half of the limit at once, closed; a sandbox that wants none; and errors that are not for want of
 * descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct rlimit some = {64, 64}, none = {0, 0};
	int fd[32], status;
	pid_t child;

	if (setrlimit(RLIMIT_NOFILE, &some))
		return 2;
	for (int i = 0; i < 32; i++)
		fd[i] = open("/dev/null", O_RDONLY);
	for (int i = 0; i < 32; i++)
		close(fd[i]);
	if (open("/no such file", O_RDONLY) >= 0 || errno != ENOENT)
		return 3;
	child = fork();
	if (child == 0)
		_exit(setrlimit(RLIMIT_NOFILE, &none) || open("/dev/null", O_RDONLY) >= 0);
	return waitpid(child, &status, 0) != child || status;
}
