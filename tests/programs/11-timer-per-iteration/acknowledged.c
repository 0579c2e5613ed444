/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration warning */
/* A function receives the next message from a message queue or gives up; its caller acknowledges
 * each on another. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { ITEMS = 40 };

static mqd_t in = -1, acks = -1;

static __attribute__((noinline)) int receive(char *m)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct itimerspec in_5_s = {.it_value.tv_sec = 5};
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &ev, &timer) || timer_settime(timer, 0, &in_5_s, NULL))
		return -1;
	return mq_receive(in, m, 1, NULL) == 1 ? 0 : -1;
}

static void *consumer(void *arg)
{
	char m = 'm';

	while (m != 'e')
		if (receive(&m) || mq_send(acks, "a", 1, 0))
			return arg;
	return NULL;
}

static mqd_t queue(const char *what)
{
	struct mq_attr one = {.mq_maxmsg = 1, .mq_msgsize = 1};
	char name[64];
	mqd_t q;

	snprintf(name, sizeof(name), "/pitfall-11-%s-%d", what, (int)getpid());
	q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &one);
	mq_unlink(name);
	return q;
}

int main(void)
{
	void *bad = NULL;
	pthread_t t;
	char c;

	in = queue("in");
	acks = queue("acks");
	if (in < 0 || acks < 0 || pthread_create(&t, NULL, consumer, &in))
		return 2;
	for (int i = 0; i <= ITEMS; i++)
		if (mq_send(in, i < ITEMS ? "m" : "e", 1, 0) || mq_receive(acks, &c, 1, NULL) != 1)
			return 3;
	pthread_join(t, &bad);
	mq_close(in);
	mq_close(acks);
	return bad != NULL;
}
