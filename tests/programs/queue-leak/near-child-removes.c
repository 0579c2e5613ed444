/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* The name is removed by the child that was given the queue. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
	char name[64], got[8];
	int status;
	mqd_t q;
	pid_t child;

	snprintf(name, sizeof(name), "/pitfall-near-child-%d", getpid());
	q = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
	if (q < 0 || mq_send(q, "work", 4, 0))
		return 2;
	child = fork();
	if (child == 0)
		_exit(mq_receive(q, got, sizeof(got), NULL) != 4 || mq_unlink(name));
	mq_close(q);
	return waitpid(child, &status, 0) != child || status;
}
