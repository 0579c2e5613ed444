/* SPDX-License-Identifier: MIT */
/* As the child of PID 1: makes an orphan, lets it end, exits 0 once it has been reaped (5 s at
 * most). */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	int p[2], go[2];
	pid_t middle, orphan;

	if (pipe(p) || pipe(go))
		return 2;
	middle = fork();
	if (!middle) {
		orphan = fork();
		if (!orphan) {
			char c;

			close(go[1]);
			_exit(read(go[0], &c, 1) != 0);
		}
		_exit(write(p[1], &orphan, sizeof(orphan)) != sizeof(orphan));
	}
	if (read(p[0], &orphan, sizeof(orphan)) != sizeof(orphan) ||
	    waitpid(middle, NULL, 0) != middle)
		return 2;
	if (kill(orphan, 0))
		return 3;
	close(go[1]); /* its read ends */
	for (int i = 0; i < 500; i++) {
		if (kill(orphan, 0) && errno == ESRCH)
			return 0;
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	return 1; /* a zombie */
}
