/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* All that a handler may do: write, sem_post, a flag, a self-pipe, snprintf into its own buffer;
 * errno is put back. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include "wait.h"

static int self[2], null;
static FILE *log_file;
static sem_t woken;

static void on_alarm(int sig)
{
	int saved = errno, n;
	char line[32];

	n = snprintf(line, sizeof(line), "%d\n", sig);
	write(null, line, (size_t)n);
	write(self[1], "", 1);
	sem_post(&woken);
	came++;
	errno = saved;
}

int main(void)
{
	struct pollfd p = {0, POLLIN, 0};
	char c = 0;

	log_file = fopen("/dev/null", "w");
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pipe2(self, O_NONBLOCK | O_CLOEXEC);
	sem_init(&woken, 0, 0);
	on(SIGALRM, on_alarm, SA_RESTART);
	p.fd = self[0];
	tick();
	while (came < 20) {
		if (poll(&p, 1, 1000) > 0)
			read(self[0], &c, 1);
		putc(c, log_file);
	}
	while (sem_wait(&woken) < 0)
		;
	no_tick();
	close(self[0]);
	close(self[1]);
	close(null);
	sem_destroy(&woken);
	fclose(log_file);
	return 0;
}
