/* SPDX-License-Identifier: MIT */
/* expect: queue-leak warning */
/* Each request makes a queue for its answer, removes the name, and forgets the descriptor. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

static int ask(int n)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
	char name[64], got[8];
	mqd_t q;

	snprintf(name, sizeof(name), "/pitfall-replies-%d-%d", getpid(), n);
	q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
	if (q < 0)
		return -1;
	mq_unlink(name);
	mq_send(q, "answer", 6, 0);
	return mq_receive(q, got, sizeof(got), NULL) == 6 ? 0 : -1; /* mq_close(q) is missing */
}

int main(void)
{
	int bad = 0;

	for (int i = 0; i < 5; i++)
		bad += ask(i) != 0;
	return bad;
}
