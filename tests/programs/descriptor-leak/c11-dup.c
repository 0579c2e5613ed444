/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* C11 threads: each job writes to its own copy of the log's descriptor, which nobody closes. */
#include <fcntl.h>
#include <threads.h>
#include <unistd.h>

static int job(void *log)
{
	int fd = dup(*(int *)log);

	return fd < 0 || write(fd, "done\n", 5) != 5;
}

int main(void)
{
	int log = open("/dev/null", O_WRONLY | O_CLOEXEC), bad = 0, rc;
	thrd_t t;

	for (int i = 0; i < 12; i++) {
		if (thrd_create(&t, job, &log) != thrd_success || thrd_join(t, &rc) != thrd_success)
			return 2;
		bad += rc;
	}
	close(log);
	return bad;
}
