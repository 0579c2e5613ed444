/* SPDX-License-Identifier: MIT */
/* expect: unread-result-queue warning */
/* The worker writes its result and reads the acknowledgement from the same socket. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "../stuck-thread/hang.h"

struct call {
	int end[2];
	volatile int tid;
};
static struct call calls[4];

static void *work(void *arg)
{
	struct call *c = arg;
	char byte = 1;

	c->tid = own_tid();
	if (write(c->end[1], &byte, 1) != 1 || read(c->end[1], &byte, 1) != 1)
		exit(1);
	return NULL;
}

static int ask(struct call *c, int wants)
{
	pthread_t t;
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, c->end) || pthread_create(&t, NULL, work, c))
		exit(1);
	if (!wants)
		return 0;
	if (read(c->end[0], &byte, 1) != 1 || write(c->end[0], &byte, 1) != 1)
		exit(1);
	pthread_join(t, NULL);
	close(c->end[0]);
	close(c->end[1]);
	return byte;
}

int main(void)
{
	for (int i = 0; i < 4; i++)
		ask(&calls[i], i == 1);
	for (int i = 0; i < 4; i++)
		if (i != 1)
			until_asleep(&calls[i].tid);
	return 0;
}
