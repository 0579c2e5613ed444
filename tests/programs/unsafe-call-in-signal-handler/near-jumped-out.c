/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A handler leaves a computation by siglongjmp. What is printed afterwards, deeper on the stack
 * than the handler was, is not printed by it. */
#include <setjmp.h>
#include "wait.h"

static sigjmp_buf out;
static volatile long spins;

static void on_alarm(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

__attribute__((noinline)) static int deep(int n)
{
	volatile char room[512];

	room[0] = (char)n;
	if (n == 0) {
		printf("out of time\n");
		return 0;
	}
	return deep(n - 1) + room[0];
}

int main(void)
{
	on(SIGALRM, on_alarm, 0);
	tick();
	if (sigsetjmp(out, 1) == 0)
		for (;;)
			spins++;
	no_tick();
	printf("left\n");
	return deep(40) < 0;
}
