/* SPDX-License-Identifier: MIT */
/* Says "ready PID PPID", takes one signal with sigwait and exits with its number. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	sigset_t set;
	int sig;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	printf("ready %d %d\n", getpid(), getppid());
	fflush(stdout);
	do
		sigwait(&set, &sig);
	while (sig == SIGCONT || sig == SIGCHLD || sig == SIGWINCH);
	return sig;
}
