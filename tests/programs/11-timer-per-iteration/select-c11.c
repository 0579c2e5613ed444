/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration warning */
/* C11: a consumer with select() and a helper that makes the time-out; it closes the timer only when
 * the time is over. */
#include <sys/select.h>
#include <sys/timerfd.h>
#include <threads.h>
#include "feed.h"

static int after_ms(long ms)
{
	struct itimerspec once = {.it_value = {ms / 1000, ms % 1000 * 1000000}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	timerfd_settime(fd, 0, &once, NULL);
	return fd;
}

static int consume(void *arg)
{
	int in = *(int *)arg, got = 0;
	char c;

	for (;;) {
		int timer = after_ms(2500);
		fd_set set;

		FD_ZERO(&set);
		FD_SET(in, &set);
		FD_SET(timer, &set);
		if (select(timer + 1, &set, NULL, NULL, NULL) < 0)
			return -1;
		if (FD_ISSET(timer, &set)) {
			close(timer);
			return -1;
		}
		if (read(in, &c, 1) != 1)
			return got;
		got++;
	}
}

int main(void)
{
	int way[2], got = 0;
	pthread_t feed;
	thrd_t t;

	if (pipe(way) || thrd_create(&t, consume, &way[0]) != thrd_success ||
	    pthread_create(&feed, NULL, feed_run, &way[1]))
		return 2;
	pthread_join(feed, NULL);
	thrd_join(t, &got);
	close(way[0]);
	return got != MESSAGES;
}
