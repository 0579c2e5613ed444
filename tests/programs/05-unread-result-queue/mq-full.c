/* SPDX-License-Identifier: MIT */
/* expect: unread-result-queue warning */
/* A message queue with room for one message, a result of two. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

struct call {
	mqd_t q;
	volatile int tid;
};
static struct call calls[3];

static void *work(void *arg)
{
	struct call *c = arg;

	c->tid = own_tid();
	for (int i = 0; i < 2; i++)
		if (mq_send(c->q, "part", 4, 0))
			exit(1);
	return NULL;
}

static void ask(struct call *c, int i)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	char name[64];
	pthread_t t;

	snprintf(name, sizeof(name), "/unread-%d-%d", (int)getpid(), i);
	c->q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (c->q < 0)
		exit(1);
	mq_unlink(name);
	if (pthread_create(&t, NULL, work, c))
		exit(1);
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		ask(&calls[i], i);
	for (int i = 0; i < 3; i++)
		until_asleep(&calls[i].tid);
	return 0;
}
