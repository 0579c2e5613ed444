/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The example of every textbook: main does nothing but wait, the handler prints. A note at most. */
#include "wait.h"

static void on_alarm(int sig)
{
	if (came < 5)
		printf("signal %d\n", sig);
	came++;
}

int main(void)
{
	signal(SIGALRM, on_alarm);
	tick();
	while (came < 5)
		pause();
	no_tick();
	return 0;
}
