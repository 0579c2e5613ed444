/* SPDX-License-Identifier: MIT */
/* expect: queue-never-closed warning */
/* Each job has a logger that reads lines from a pipe; the job forgets to close its end. */
#include <pthread.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

struct log {
	int fd[2];
	volatile int tid, lines;
};
static struct log logs[3];

static void *logger(void *arg)
{
	struct log *l = arg;
	char byte;

	l->tid = own_tid();
	while (read(l->fd[0], &byte, 1) == 1)
		l->lines++;
	return NULL;
}

static void job(struct log *l)
{
	pthread_t t;

	if (pipe(l->fd) || pthread_create(&t, NULL, logger, l))
		exit(1);
	for (int i = 0; i < 5; i++)
		if (write(l->fd[1], "x", 1) != 1)
			exit(1);
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		job(&logs[i]);
	for (int i = 0; i < 3; i++) {
		while (logs[i].lines < 5)
			usleep(1000);
		until_asleep(&logs[i].tid);
	}
	return 0;
}
