/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* Signals taken by a thread of their own, by sigwait, and by signalfd: every call is allowed. */
#include <sys/signalfd.h>
#include "wait.h"

static void *taker(void *arg)
{
	const sigset_t *s = arg;
	struct signalfd_siginfo info;
	int sig, fd;

	sigwait(s, &sig);
	printf("took %d\n", sig);
	fd = signalfd(-1, s, SFD_CLOEXEC);
	if (read(fd, &info, sizeof(info)) == sizeof(info))
		printf("read %u\n", info.ssi_signo);
	close(fd);
	came = 1;
	return NULL;
}

int main(void)
{
	sigset_t s;
	pthread_t th;

	sigemptyset(&s);
	sigaddset(&s, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &s, NULL);
	pthread_create(&th, NULL, taker, &s);
	while (!came) {
		kill(getpid(), SIGTERM);
		usleep(1000);
	}
	pthread_join(th, NULL);
	return 0;
}
