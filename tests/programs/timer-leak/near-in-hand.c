/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Eight timers made by a function at the start and armed again and again; one for the whole life;
 * the process ends. */
#include <signal.h>
#include <time.h>

enum { SESSIONS = 8 };

static timer_t make(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};
	timer_t t = NULL;

	timer_create(CLOCK_MONOTONIC, &ev, &t);
	return t;
}

int main(void)
{
	struct itimerspec idle = {.it_value.tv_sec = 30};
	timer_t session[SESSIONS], watchdog;
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	int bad = timer_create(CLOCK_MONOTONIC, &none, &watchdog) ||
		  timer_settime(watchdog, 0, &idle, NULL);

	for (int i = 0; i < SESSIONS; i++)
		session[i] = make();
	for (int i = 0; i < 40; i++)
		bad += timer_settime(session[i % SESSIONS], 0, &idle, NULL) != 0;
	return bad;
}
