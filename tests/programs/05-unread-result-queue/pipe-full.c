/* SPDX-License-Identifier: MIT */
/* expect: unread-result-queue warning */
/* The result is larger than the pipe; the caller gives up and leaves both ends open. */
#include <pthread.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

#define LARGE (1 << 20)

struct call {
	int out;
	volatile int tid;
};
static struct call calls[4];

static void *render(void *arg)
{
	struct call *c = arg;
	char *page = calloc(1, LARGE);

	c->tid = own_tid();
	if (write(c->out, page, LARGE) != LARGE)
		exit(1);
	free(page);
	return NULL;
}

static int ask(struct call *c)
{
	int fd[2];
	pthread_t t;

	if (pipe(fd))
		exit(1);
	c->out = fd[1];
	return pthread_create(&t, NULL, render, c);
}

int main(void)
{
	for (int i = 0; i < 4; i++)
		if (ask(&calls[i]))
			return 1;
	for (int i = 0; i < 4; i++)
		until_asleep(&calls[i].tid);
	return 0;
}
