/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* A timer's own thread posts every half minute; main waits for it. */
#include <semaphore.h>
#include <signal.h>
#include <time.h>

static sem_t tick;

static void on_tick(union sigval v)
{
	(void)v;
	sem_post(&tick);
}

int main(void)
{
	struct itimerspec every = {{30, 0}, {0, 20000000}};
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_tick};
	timer_t t;

	sem_init(&tick, 0, 0);
	if (timer_create(CLOCK_MONOTONIC, &ev, &t) || timer_settime(t, 0, &every, NULL))
		return 1;
	for (int i = 0; i < 3; i++)
		sem_wait(&tick);
	timer_delete(t);
	return 0;
}
