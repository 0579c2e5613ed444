/* SPDX-License-Identifier: MIT */
/* expect: timer-per-iteration error */
/* The loop goes on until there is no descriptor left for the next timer. */
#include <poll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include "feed.h"

int main(void)
{
	struct itimerspec in_60_s = {.it_value.tv_sec = 60};
	struct rlimit few = {48, 48};
	int way[2], timer, got = 0;
	pthread_t t;
	char c;

	if (setrlimit(RLIMIT_NOFILE, &few) || pipe(way) ||
	    pthread_create(&t, NULL, feed_run, &way[1]))
		return 2;
	while ((timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) >= 0) {
		struct pollfd set[] = {{.fd = timer, .events = POLLIN},
				       {.fd = way[0], .events = POLLIN}};

		if (timerfd_settime(timer, 0, &in_60_s, NULL) || poll(set, 2, -1) != 1)
			return 3;
		got += read(way[0], &c, 1) == 1;
	}
	pthread_join(t, NULL);
	close(way[0]);
	return got < 30;
}
