/* SPDX-License-Identifier: MIT */
/* expect: send-blocks-shutdown error */
/* hangs: --timeout 1 -> 124 */
/* A message queue that nobody receives from any more. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static mqd_t q;

static void *produce(void *arg)
{
	for (int i = 0; i < 10; i++)
		mq_send(q, "result", 6, 0);
	return arg;
}

int main(void)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	char name[64], text[16];
	pthread_t t;

	snprintf(name, sizeof(name), "/blocks-%d", (int)getpid());
	q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	mq_unlink(name);
	if (q < 0 || pthread_create(&t, NULL, produce, NULL))
		return 1;
	for (int i = 0; i < 3; i++)
		if (mq_receive(q, text, sizeof(text), NULL) < 0)
			return 1;
	pthread_join(t, NULL);
	return 1;
}
