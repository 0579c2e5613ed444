/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration warning */
/* A worker waits on a semaphore, with a timer whose signal would interrupt the wait; it tells the
 * other side when it is ready for the next. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

enum { ITEMS = 40 };

static sem_t item, room;
static int box, sum;

static void wake(int sig)
{
	(void)sig;
}

static void *worker(void *arg)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct itimerspec in_5_s = {.it_value.tv_sec = 5};

	for (;;) {
		timer_t timer;

		if (timer_create(CLOCK_MONOTONIC, &ev, &timer) ||
		    timer_settime(timer, 0, &in_5_s, NULL))
			return arg;
		if (sem_wait(&item) != 0 && errno == EINTR)
			return arg;
		if (box < 0)
			return NULL;
		sum += box;
		sem_post(&room);
	}
}

static void put(int i)
{
	sem_wait(&room);
	box = i;
	sem_post(&item);
}

int main(void)
{
	struct sigaction on = {.sa_handler = wake};
	void *bad = NULL;
	pthread_t t;

	sigaction(SIGALRM, &on, NULL);
	if (sem_init(&item, 0, 0) || sem_init(&room, 0, 1) ||
	    pthread_create(&t, NULL, worker, &sum))
		return 2;
	for (int i = 0; i < ITEMS; i++)
		put(i);
	put(-1);
	pthread_join(t, &bad);
	sem_destroy(&item);
	sem_destroy(&room);
	return bad || sum != ITEMS * (ITEMS - 1) / 2;
}
