/* SPDX-License-Identifier: MIT */
/* expect: timer-accumulation error */
/* Tickers of one place, each for a session that goes on, until the limit is reached. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

enum { SESSIONS = 4096 };
static timer_t ticker[SESSIONS];

static __attribute__((noinline)) int session(timer_t *timer)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec every = {{600, 0}, {600, 0}};

	if (timer_create(CLOCK_MONOTONIC, &ev, timer))
		return errno;
	return timer_settime(*timer, 0, &every, NULL);
}

int main(void)
{
	struct rlimit few = {512, 512};
	int made = 0, rc = 0;

	if (setrlimit(RLIMIT_SIGPENDING, &few))
		return 2;
	while (made < SESSIONS && (rc = session(&ticker[made])) == 0)
		made++;
	return rc != EAGAIN || made < 8;
}
