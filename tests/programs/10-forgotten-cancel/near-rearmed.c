/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One timer for each of a few workers, armed for every job; one that is armed for every call of
 * main's; all are there until the process ends. */
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { WORKERS = 6, JOBS = 20 };

static timer_t deadline[WORKERS];
static int bad[WORKERS];

static int make(timer_t *t)
{
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};

	return timer_create(CLOCK_MONOTONIC, &ev, t);
}

static int job(timer_t t)
{
	struct itimerspec in_5_s = {.it_value.tv_sec = 5}, stop = {0};
	struct timespec work = {.tv_nsec = 50000};

	return timer_settime(t, 0, &in_5_s, NULL) || nanosleep(&work, NULL) ||
	       timer_settime(t, 0, &stop, NULL);
}

static void *worker(void *arg)
{
	int i = (int)((timer_t *)arg - deadline);

	for (int n = 0; n < JOBS; n++)
		bad[i] += job(deadline[i]);
	return NULL;
}

int main(void)
{
	pthread_t t[WORKERS];
	timer_t own;
	int sum = make(&own);

	for (int i = 0; i < WORKERS; i++)
		if (make(&deadline[i]) || pthread_create(&t[i], NULL, worker, &deadline[i]))
			return 2;
	for (int n = 0; n < JOBS; n++)
		sum += job(own);
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(t[i], NULL);
		sum += bad[i];
	}
	return sum;
}
