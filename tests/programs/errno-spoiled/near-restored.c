/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* waitpid-in-sigchld.c repaired. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t reaped;

static void on_child(int sig)
{
	int saved = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
	errno = saved;
}

int main(void)
{
	signal(SIGCHLD, on_child);
	for (int i = 0; i < 3; i++) {
		int before = reaped;

		if (fork() == 0)
			_exit(0);
		while (reaped == before)
			;
	}
	return 0;
}
