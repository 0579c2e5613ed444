/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* Each request arms a deadline, is answered in time, and leaves the timer. */
#include <signal.h>
#include <time.h>

static __attribute__((noinline)) int answer(int request)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec deadline = {.it_value.tv_sec = 30};
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &ev, &timer) || timer_settime(timer, 0, &deadline, NULL))
		return 1;
	return request < 0; /* timer_delete(timer) is missing */
}

int main(void)
{
	int bad = 0;

	signal(SIGRTMIN, SIG_IGN);
	for (int i = 0; i < 12; i++)
		bad += answer(i);
	return bad;
}
