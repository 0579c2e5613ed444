/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel error */
/* One-shot timers of one place until the limit is reached. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

static __attribute__((noinline)) int arm(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec far = {.it_value.tv_sec = 600};
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &ev, &timer))
		return errno;
	return timer_settime(timer, 0, &far, NULL);
}

int main(void)
{
	struct rlimit few = {512, 512};
	int made = 0, rc;

	if (setrlimit(RLIMIT_SIGPENDING, &few))
		return 2;
	while ((rc = arm()) == 0)
		made++;
	return rc != EAGAIN || made < 8;
}
