/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* One queue for orders, held for the whole life, and four for the workers, which take from them to
 * the end. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

enum { WORKERS = 4 };

static mqd_t make(const char *what, int n)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
	char name[64];
	mqd_t q;

	snprintf(name, sizeof(name), "/pitfall-near-life-%d-%s-%d", getpid(), what, n);
	q = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
	mq_unlink(name);
	return q;
}

int main(void)
{
	mqd_t orders = make("orders", 0), worker[WORKERS];
	char got[8];
	int bad = 0;

	for (int i = 0; i < WORKERS; i++)
		worker[i] = make("worker", i);
	for (int i = 0; i < 100; i++) {
		bad += mq_send(orders, "order", 5, 0) ||
		       mq_receive(orders, got, sizeof(got), NULL) != 5;
		bad += mq_send(worker[i % WORKERS], got, 5, 0) ||
		       mq_receive(worker[i % WORKERS], got, sizeof(got), NULL) != 5;
	}
	return bad;
}
