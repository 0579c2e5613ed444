/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The thread raises the signal itself, by each call there is for it: the handler is a function
 * called. */
#include <sys/syscall.h>
#include "wait.h"

static void on_usr1(int sig)
{
	printf("%d\n", sig);
	errno = ENOENT;
	came++;
}

int main(void)
{
	union sigval v = {0};

	signal(SIGUSR1, on_usr1);
	signal(SIGPIPE, on_usr1);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	kill(0, 0);
	pthread_kill(pthread_self(), SIGUSR1);
	sigqueue(getpid(), SIGUSR1, v);
	syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), SIGUSR1);
	{
		int p[2];

		pipe(p);
		close(p[0]);
		write(p[1], "x", 1);
		close(p[1]);
	}
	return came != 6;
}
