/* SPDX-License-Identifier: MIT */
/* expect: deadlock error */
/* hangs: --timeout 1 -> 124 */
/* Each waits for the other's message first, after a greeting that went well. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static mqd_t to_a, to_b;

static mqd_t make(const char *what)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	char name[64];
	mqd_t q;

	snprintf(name, sizeof(name), "/ring-%s-%d", what, (int)getpid());
	q = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	mq_unlink(name);
	return q;
}

static void *talks(void *arg)
{
	mqd_t in = arg ? to_a : to_b, out = arg ? to_b : to_a;
	char buf[16];

	if (mq_send(out, "hello", 5, 0) || mq_receive(in, buf, sizeof(buf), NULL) < 0)
		return NULL;
	if (mq_receive(in, buf, sizeof(buf), NULL) < 0 || mq_send(out, "bye", 3, 0))
		return NULL;
	return arg;
}

int main(void)
{
	pthread_t a, b;

	to_a = make("a");
	to_b = make("b");
	if (to_a < 0 || to_b < 0)
		return 1;
	pthread_create(&a, NULL, talks, &to_a);
	pthread_create(&b, NULL, talks, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	mq_close(to_a);
	mq_close(to_b);
	return 1;
}
