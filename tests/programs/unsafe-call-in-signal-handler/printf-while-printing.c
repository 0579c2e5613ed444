/* SPDX-License-Identifier: MIT */
/* expect: unsafe-call-in-signal-handler error */
/* The handler writes its progress to a log while main prints its result. main is known to be inside
 * printf when the signal comes: nobody reads the full pipe behind stdout until the handler has been
 * there. */
#define _GNU_SOURCE
#include <fcntl.h>
#include "wait.h"

static int fds[2];
static FILE *log_file;

static void on_progress(int sig)
{
	(void)sig;
	fprintf(log_file, "working\n");
	came++;
}

static void *drain(void *arg)
{
	char buf[4096];

	(void)arg;
	while (came < 3)
		usleep(1000);
	while (read(fds[0], buf, sizeof(buf)) > 0)
		;
	return NULL;
}

int main(void)
{
	sigset_t alarm, old;
	pthread_t th;

	log_file = fopen("/dev/null", "w");
	pipe2(fds, O_NONBLOCK | O_CLOEXEC);
	while (write(fds[1], "x", 1) == 1)
		;
	fcntl(fds[0], F_SETFL, 0);
	fcntl(fds[1], F_SETFL, 0);
	fflush(stdout);
	dup2(fds[1], 1);
	close(fds[1]);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, &old);
	pthread_create(&th, NULL, drain, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	on(SIGALRM, on_progress, SA_RESTART);
	tick();
	for (int i = 0; i < 2000; i++)
		printf("result %d\n", i);
	no_tick();
	fclose(stdout);
	pthread_join(th, NULL);
	fclose(log_file);
	return came < 3;
}
