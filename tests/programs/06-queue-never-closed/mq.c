/* SPDX-License-Identifier: MIT */
/* expect: queue-never-closed warning */
/* A message queue for each batch, whose consumer gets no last message. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "../stuck-thread/hang.h"

struct batch {
	mqd_t q;
	volatile int tid, got;
};
static struct batch batches[2];

static void *consume(void *arg)
{
	struct batch *b = arg;
	char text[16];

	b->tid = own_tid();
	while (mq_receive(b->q, text, sizeof(text), NULL) > 0)
		b->got++;
	return NULL;
}

static void store(struct batch *b, int i)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	char name[64];
	pthread_t t;

	snprintf(name, sizeof(name), "/never-%d-%d", (int)getpid(), i);
	b->q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (b->q < 0)
		exit(1);
	mq_unlink(name);
	if (pthread_create(&t, NULL, consume, b))
		exit(1);
	for (int k = 0; k < 4; k++)
		if (mq_send(b->q, "row", 3, 0))
			exit(1);
}

int main(void)
{
	for (int i = 0; i < 2; i++)
		store(&batches[i], i);
	for (int i = 0; i < 2; i++) {
		while (batches[i].got < 4)
			usleep(1000);
		until_asleep(&batches[i].tid);
	}
	return 0;
}
