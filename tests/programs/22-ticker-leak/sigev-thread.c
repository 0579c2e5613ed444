/* SPDX-License-Identifier: MIT */
/* expect: ticker-leak warning */
/* SIGEV_THREAD: each expiry runs a function in a thread of the C library, long after the caller has
 * gone. */
#include "ticks.h"
#include <semaphore.h>
#include <signal.h>

static sem_t ticked[CALLS];

static void on_tick(union sigval value)
{
	sem_post(value.sival_ptr);
}

static int run_session(sem_t *tick)
{
	struct itimerspec every = every_ms(PERIOD_MS);
	struct sigevent event = {
	    .sigev_notify = SIGEV_THREAD,
	    .sigev_notify_function = on_tick,
	    .sigev_value.sival_ptr = tick,
	};
	timer_t timer;

	die_unless(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
	die_unless(timer_settime(timer, 0, &every, NULL) == 0, "timer_settime");
	for (int i = 0; i < 2; i++)
		while (sem_wait(tick) != 0)
			continue;
	return 1;
}

int main(void)
{
	int done = 0;

	for (int i = 0; i < CALLS; i++)
		die_unless(sem_init(&ticked[i], 0, 0) == 0, "sem_init");
	for (int i = 0; i < CALLS; i++)
		done += run_session(&ticked[i]);
	sleep_all_ms(5 * PERIOD_MS);
	return done != CALLS;
}
