/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The signal is blocked but for the moments in which the thread waits for it: the handler may do
 * anything, it can only come there. sigsuspend, ppoll, pselect, epoll_pwait, a mask opened for a
 * moment. */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include "wait.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static FILE *log_file;

static void on_usr1(int sig)
{
	pthread_mutex_lock(&m);
	fprintf(log_file, "signal %d\n", sig);
	pthread_mutex_unlock(&m);
	came++;
}

static void *sender(void *arg)
{
	while (came < 5) {
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
		usleep(500);
	}
	return NULL;
}

int main(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), n;
	sigset_t usr1, open;
	struct epoll_event ev;
	pthread_t self = pthread_self(), th;

	log_file = fopen("/dev/null", "w");
	on(SIGUSR1, on_usr1, 0);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, &open);
	pthread_create(&th, NULL, sender, &self);
	for (n = came; came == n;)
		sigsuspend(&open);
	for (n = came; came == n;)
		ppoll(NULL, 0, NULL, &open);
	for (n = came; came == n;)
		pselect(0, NULL, NULL, NULL, NULL, &open);
	for (n = came; came == n;)
		epoll_pwait(ep, &ev, 1, -1, &open);
	for (n = came; came == n;) {
		while (sigpending(&open) == 0 && !sigismember(&open, SIGUSR1))
			;
		pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
		pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	}
	came = 5;
	pthread_join(th, NULL);
	close(ep);
	fclose(log_file);
	return 0;
}
