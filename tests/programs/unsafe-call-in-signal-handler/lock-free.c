/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler warning */
/* The handler takes the statistics' lock to count; it was always free. So far. */
#include "wait.h"

static pthread_mutex_t stats = PTHREAD_MUTEX_INITIALIZER;
static volatile long ticks, spins;

static void on_alarm(int sig)
{
	(void)sig;
	pthread_mutex_lock(&stats);
	ticks++;
	pthread_mutex_unlock(&stats);
	came++;
}

int main(void)
{
	on(SIGALRM, on_alarm, SA_RESTART);
	pthread_mutex_lock(&stats);
	ticks = 0;
	pthread_mutex_unlock(&stats);
	tick();
	while (came < 20)
		spins++;
	no_tick();
	return 0;
}
