/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* hangs: --timeout 1 -> 124 */
/* Serves a message queue by name: whoever wants may open it and send. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	char name[64], buf[16];
	mqd_t q;

	snprintf(name, sizeof(name), "/served-%d", (int)getppid());
	mq_unlink(name);
	q = mq_open(name, O_CREAT | O_EXCL | O_RDONLY, 0600, &attr);
	if (q < 0)
		return 1;
	mq_unlink(name);
	while (mq_receive(q, buf, sizeof(buf), NULL) >= 0)
		;
	return 0;
}
