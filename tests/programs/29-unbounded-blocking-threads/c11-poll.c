/* SPDX-License-Identifier: MIT */
/* expect: unbounded-blocking-threads warning */
/* C11 threads, each polling a pipe of its own that nobody writes to; rounds by another thread than
 * main, which logs each start. */
#include <poll.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int answer(void *arg)
{
	struct pollfd p = {.events = POLLIN};
	int fd[2];

	if (pipe(fd))
		exit(2);
	p.fd = fd[0];
	poll(&p, 1, 30000);
	return arg != NULL;
}

static int rounds(void *arg)
{
	struct timespec interval = {.tv_nsec = 120000000};

	for (int r = 0; r < 5; r++) {
		for (int i = 0; i < 12; i++) {
			thrd_t thread;

			if (thrd_create(&thread, answer, NULL) != thrd_success)
				exit(3);
			thrd_detach(thread);
			if (write(*(int *)arg, ".", 1) != 1)
				exit(4);
		}
		thrd_sleep(&interval, NULL);
	}
	return 0;
}

int main(void)
{
	thrd_t thread;
	int log[2];

	if (pipe(log) || thrd_create(&thread, rounds, &log[1]) != thrd_success)
		return 1;
	thrd_join(thread, NULL);
	return 0;
}
