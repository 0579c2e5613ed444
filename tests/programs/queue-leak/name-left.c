/* SPDX-License-Identifier: MIT */
/* expect: queue-leak note */
/* Closed, but the name stays in the system. (The child removes it, unseen, when the verdict is
 * made: it waits for the end of this process.) */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
	char name[64], c;
	int end[2];
	mqd_t q;

	snprintf(name, sizeof(name), "/pitfall-name-left-%d", getpid());
	if (pipe(end))
		return 2;
	if (fork() == 0) {
		close(end[1]);
		while (read(end[0], &c, 1) > 0)
			;
		_exit(syscall(SYS_mq_unlink, name + 1) != 0);
	}
	close(end[0]);
	q = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
	return q < 0 || mq_close(q) != 0;
}
