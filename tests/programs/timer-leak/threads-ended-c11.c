/* SPDX-License-Identifier: MIT */
/* expect: timer-leak warning */
/* C11 threads: two workers each make a timer and end; nobody else knows of it. */
#include <signal.h>
#include <threads.h>
#include <time.h>

static int work(void *arg)
{
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};
	struct itimerspec limit = {.it_value.tv_sec = 30};
	timer_t timer;

	(void)arg;
	return timer_create(CLOCK_MONOTONIC, &ev, &timer) || timer_settime(timer, 0, &limit, NULL);
}

int main(void)
{
	thrd_t t[2];
	int bad = 0, rc;

	for (int i = 0; i < 2; i++)
		if (thrd_create(&t[i], work, NULL) != thrd_success)
			return 2;
	for (int i = 0; i < 2; i++) {
		thrd_join(t[i], &rc);
		bad += rc;
	}
	return bad;
}
