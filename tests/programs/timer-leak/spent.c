/* SPDX-License-Identifier: MIT */
/* expect: timer-leak warning */
/* In one function: a new timer for each pause, each waited for, none deleted. */
#include <signal.h>
#include <time.h>

int main(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec pause = {.it_value.tv_nsec = 3000000};
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 10; i++) {
		timer_t timer;

		if (timer_create(CLOCK_MONOTONIC, &ev, &timer) ||
		    timer_settime(timer, 0, &pause, NULL))
			return 2;
		sigwait(&set, &sig);
	}
	return 0;
}
