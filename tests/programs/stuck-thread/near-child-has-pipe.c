/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* Its own writing end is open, but a living child's, too. */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	char c;
	int p[2];
	pid_t child;

	if (pipe(p))
		return 1;
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(p[0]);
		for (;;)
			sleep(30);
	}
	while (read(p[0], &c, 1) > 0)
		;
	return 0;
}
