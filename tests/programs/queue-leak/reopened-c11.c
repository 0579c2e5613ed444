/* SPDX-License-Identifier: MIT */
/* expect: queue-leak warning */
/* C11 threads: every job opens the one queue of the process to send a word, and leaves it open. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <threads.h>
#include <unistd.h>

static char name[64];

static int job(void *arg)
{
	mqd_t q = mq_open(name, O_WRONLY);

	(void)arg;
	return q < 0 || mq_send(q, "done", 4, 0) != 0;
}

int main(void)
{
	struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 8};
	int bad = 0, rc;
	char got[8];
	thrd_t t;
	mqd_t q;

	snprintf(name, sizeof(name), "/pitfall-reopened-%d", getpid());
	q = mq_open(name, O_RDONLY | O_CREAT, 0600, &a);
	if (q < 0)
		return 2;
	for (int i = 0; i < 6; i++) {
		if (thrd_create(&t, job, NULL) != thrd_success || thrd_join(t, &rc) != thrd_success)
			return 3;
		bad += rc + (mq_receive(q, got, sizeof(got), NULL) != 4);
	}
	mq_close(q);
	mq_unlink(name);
	return bad;
}
