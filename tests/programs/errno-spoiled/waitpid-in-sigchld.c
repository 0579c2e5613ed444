/* SPDX-License-Identifier: MIT */
/* expect: errno-spoiled warning */
/* The usual reaper: its last waitpid fails, and errno stays ECHILD. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t reaped;

static void on_child(int sig)
{
	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
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
