/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler warning */
/* A timer's handler says how far it is, while main computes. */
#include "wait.h"

static volatile unsigned long sum;

static void on_alarm(int sig)
{
	(void)sig;
	if (came < 20)
		printf("at %lu\n", sum / sum);
	came++;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	sum = 1;
	signal(SIGALRM, on_alarm);
	tick();
	while (came < 20)
		sum++;
	no_tick();
	fclose(stdout);
	return 0;
}
