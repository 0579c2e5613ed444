/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* A queue is closed while another thread still has messages for it. */
#include <mqueue.h>
#include <stdio.h>
#include "steps.h"

static mqd_t q;
static int hit;

static void *stops(void *arg)
{
	mq_close(q);
	next_step();
	return arg;
}

static void sends(void)
{
	next_step();
	hit = mq_send(q, "x", 1, 0) < 0 && errno == EBADF;
}

int main(void)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 1};
	char name[64];

	snprintf(name, sizeof(name), "/pitfall-bad-descriptor-%d", (int)getpid());
	q = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
	mq_unlink(name);
	if (q < 0)
		return 1;
	side_by_side(stops, sends);
	return !hit;
}
