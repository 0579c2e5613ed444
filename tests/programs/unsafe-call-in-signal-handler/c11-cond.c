/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler warning */
/* C11: the handler signals a condition variable, to wake a worker. */
#include <stdatomic.h>
#include <threads.h>
#include "wait.h"

static cnd_t work;
static mtx_t m;
static atomic_int stop;

static void on_alarm(int sig)
{
	(void)sig;
	cnd_broadcast(&work);
	came++;
}

static int worker(void *arg)
{
	struct timespec soon;

	(void)arg;
	mtx_lock(&m);
	while (!stop) {
		timespec_get(&soon, TIME_UTC);
		soon.tv_nsec = soon.tv_nsec < 990000000 ? soon.tv_nsec + 10000000 : soon.tv_nsec;
		cnd_timedwait(&work, &m, &soon);
	}
	mtx_unlock(&m);
	return 0;
}

int main(void)
{
	sigset_t alarm, old;
	thrd_t th;

	cnd_init(&work);
	mtx_init(&m, mtx_timed);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, &old);
	thrd_create(&th, worker, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	on(SIGALRM, on_alarm, SA_RESTART);
	tick();
	while (came < 20)
		thrd_sleep(&(struct timespec){0, 1000000}, NULL);
	no_tick();
	stop = 1;
	thrd_join(th, NULL);
	mtx_destroy(&m);
	cnd_destroy(&work);
	return 0;
}
