/* SPDX-License-Identifier: MIT */
/* expect: stuck-thread error warning */
/* hangs: --timeout 1 -> 124 */
/* The sender of a message queue ends without a last message; main waits for the receiver. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static mqd_t q;

static void *receive(void *arg)
{
	char buf[16];

	while (mq_receive(q, buf, sizeof(buf), NULL) > 0)
		;
	return arg;
}

static void *send(void *arg)
{
	return mq_send(q, "1", 1, 0) ? NULL : arg;
}

int main(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	pthread_t a, b;
	char name[64];

	snprintf(name, sizeof(name), "/stuck-%d", (int)getpid());
	q = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (q < 0)
		return 1;
	mq_unlink(name);
	pthread_create(&b, NULL, receive, NULL);
	pthread_create(&a, NULL, send, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 1;
}
