/* SPDX-License-Identifier: MIT */
/* Counts SIGINT: says "1" at the first, and how many there were at SIGUSR1. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t ints;

static void on_int(int sig)
{
	(void)sig;
	ints++;
}

static void on_usr1(int sig)
{
	(void)sig;
	printf("ints=%d\n", (int)ints);
	fflush(stdout);
	_exit(0);
}

int main(void)
{
	sigset_t both, none;

	sigemptyset(&none);
	sigemptyset(&both);
	sigaddset(&both, SIGINT);
	sigaddset(&both, SIGUSR1);
	sigprocmask(SIG_BLOCK, &both, NULL);
	signal(SIGINT, on_int);
	signal(SIGUSR1, on_usr1);
	printf("ready\n");
	fflush(stdout);
	sigsuspend(&none);
	printf("first\n");
	fflush(stdout);
	for (;;)
		sigsuspend(&none);
}
