/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The handler says goodbye with write and ends the process with _exit. */
#include "wait.h"

static void on_alarm(int sig)
{
	(void)sig;
	write(1, "bye\n", 4);
	_exit(0);
}

int main(void)
{
	volatile long spins = 0;

	signal(SIGALRM, on_alarm);
	tick();
	for (;;)
		spins++;
}
