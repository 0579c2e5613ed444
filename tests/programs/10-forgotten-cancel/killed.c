/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* hangs: --timeout 1 -> 124 */
/* Calls within a deadline, one after another; the process is killed while it waits for more. */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static __attribute__((noinline)) int call(int out, int in)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec deadline = {.it_value.tv_sec = 30};
	timer_t timer;
	char c = 'x';

	if (timer_create(CLOCK_MONOTONIC, &ev, &timer) || timer_settime(timer, 0, &deadline, NULL))
		return 1;
	return write(out, &c, 1) != 1 || read(in, &c, 1) != 1;
}

int main(void)
{
	int way[2], bad = 0;

	signal(SIGUSR1, SIG_IGN);
	if (pipe(way))
		return 2;
	for (int i = 0; i < 30; i++)
		bad += call(way[1], way[0]);
	for (;;)
		pause();
	return bad;
}
