/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler warning */
/* The usual way to stop a daemon: SIGTERM's handler calls exit(). */
#include <poll.h>
#include "wait.h"

static volatile sig_atomic_t open_now;

static void goodbye(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&m); /* comes of exit(): told with it */
	pthread_mutex_unlock(&m);
}

static void on_term(int sig)
{
	(void)sig;
	exit(0);
}

static void *other(void *arg)
{
	(void)arg;
	while (!open_now)
		;
	kill(getpid(), SIGTERM);
	return NULL;
}

int main(void)
{
	sigset_t term, old;
	pthread_t th;

	atexit(goodbye);
	on(SIGTERM, on_term, 0);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &term, &old); /* the thread's: main gets it */
	pthread_create(&th, NULL, other, NULL);
	pthread_detach(th);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	open_now = 1;
	for (;;)
		poll(NULL, 0, 100);
}
