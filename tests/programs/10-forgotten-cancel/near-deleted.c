/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Deadlines of calls, each deleted: in the call, after it by whoever finishes the operation, or by
 * the function that is called when it fires. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

enum { CALLS = 24 };

static timer_t started[CALLS];
static sem_t fired;

static void over(union sigval v)
{
	timer_delete(started[v.sival_int]);
	sem_post(&fired);
}

static __attribute__((noinline)) int start(int i, long ns)
{
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD,
			      .sigev_notify_function = over,
			      .sigev_value.sival_int = i};
	struct itimerspec limit = {.it_value = {ns / 1000000000, ns % 1000000000}};

	return timer_create(CLOCK_MONOTONIC, &ev, &started[i]) ||
	       timer_settime(started[i], 0, &limit, NULL);
}

static __attribute__((noinline)) int call(void)
{
	int bad = start(0, 20000000000);

	return bad || timer_delete(started[0]);
}

int main(void)
{
	int bad = sem_init(&fired, 0, 0);

	for (int i = 0; i < CALLS; i++)
		bad += call();
	for (int i = 0; i < CALLS; i++)
		bad += start(i, 20000000000);
	for (int i = 0; i < CALLS; i++)
		bad += timer_delete(started[i]);
	for (int i = 0; i < CALLS; i++)
		bad += start(i, 1000000);
	for (int i = 0; i < CALLS; i++)
		sem_wait(&fired);
	return bad;
}
