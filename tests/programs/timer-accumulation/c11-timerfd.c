/* SPDX-License-Identifier: MIT */
/* expect: timer-accumulation warning */
/* C11 threads: each job starts a ticker for its progress and hands it to the one who shows it; none
 * is ever closed. */
#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <threads.h>
#include <unistd.h>

enum { JOBS = 6 };

static struct pollfd ticker[JOBS];

static int job(void *arg)
{
	struct itimerspec every = {{0, 8000000}, {0, 8000000}};
	struct pollfd *mine = arg;

	mine->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	mine->events = POLLIN;
	return mine->fd < 0 || timerfd_settime(mine->fd, 0, &every, NULL);
}

int main(void)
{
	int bad = 0, rc, shown = 0;
	uint64_t n;
	thrd_t t;

	for (int i = 0; i < JOBS; i++) {
		if (thrd_create(&t, job, &ticker[i]) != thrd_success ||
		    thrd_join(t, &rc) != thrd_success)
			return 2;
		bad += rc;
	}
	while (shown < 60 && poll(ticker, JOBS, -1) > 0)
		for (int i = 0; i < JOBS; i++)
			if (ticker[i].revents)
				shown += read(ticker[i].fd, &n, sizeof(n)) == sizeof(n);
	return bad;
}
