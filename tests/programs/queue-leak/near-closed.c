/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The same, closed: by mq_close, and by close, which Linux allows. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

static int ask(int n)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
	char name[64], got[8];
	int bad;
	mqd_t q;

	snprintf(name, sizeof(name), "/pitfall-near-closed-%d-%d", getpid(), n);
	q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
	if (q < 0)
		return -1;
	mq_send(q, "answer", 6, 0);
	bad = mq_receive(q, got, sizeof(got), NULL) != 6;
	mq_unlink(name);
	return bad + (n % 2 ? mq_close(q) : close(q));
}

int main(void)
{
	int bad = 0;

	for (int i = 0; i < 12; i++)
		bad += ask(i) != 0;
	return bad;
}
