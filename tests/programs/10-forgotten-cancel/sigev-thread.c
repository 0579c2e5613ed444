/* SPDX-License-Identifier: MIT */
/* expect: forgotten-cancel warning */
/* A pool of two takes jobs from a monitor; each job has a watchdog that calls a function, and is
 * over long before it. */
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { JOBS = 40, WORKERS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static int taken, given, bad;

static void overdue(union sigval job)
{
	(void)job;
}

static __attribute__((noinline)) int run(int job)
{
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD,
			      .sigev_notify_function = overdue,
			      .sigev_value.sival_int = job};
	struct itimerspec limit = {.it_value.tv_sec = 60};
	struct timespec work = {.tv_nsec = 500000};
	timer_t watchdog;

	if (timer_create(CLOCK_MONOTONIC, &ev, &watchdog) ||
	    timer_settime(watchdog, 0, &limit, NULL))
		return 1;
	return nanosleep(&work, NULL);
}

static void *worker(void *arg)
{
	for (;;) {
		int job, rc;

		pthread_mutex_lock(&lock);
		while (taken == given && given < JOBS)
			pthread_cond_wait(&more, &lock);
		job = taken < given ? ++taken : 0;
		pthread_mutex_unlock(&lock);
		if (!job)
			return arg;
		rc = run(job);
		pthread_mutex_lock(&lock);
		bad += rc;
		pthread_mutex_unlock(&lock);
	}
}

int main(void)
{
	struct timespec pause = {.tv_nsec = 400000};
	pthread_t t[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&t[i], NULL, worker, NULL))
			return 2;
	for (int i = 0; i < JOBS; i++) {
		pthread_mutex_lock(&lock);
		given++;
		pthread_mutex_unlock(&lock);
		pthread_cond_broadcast(&more);
		nanosleep(&pause, NULL);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(t[i], NULL);
	return bad || taken != JOBS;
}
