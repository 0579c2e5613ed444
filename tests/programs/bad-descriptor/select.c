/* SPDX-License-Identifier: MIT */
/* expect: bad-descriptor error */
/* select() says EBADF of the whole set; one of its members was closed by a C11 thread. */
#include <sys/select.h>
#include <threads.h>
#include "steps.h"

static int p[2], q[2];

static int stops(void *arg)
{
	(void)arg;
	close(q[0]);
	return 0;
}

int main(void)
{
	struct timeval tv = {0, 1000};
	thrd_t t;
	fd_set set;
	int hit;

	if (pipe(p) || pipe(q) || thrd_create(&t, stops, NULL) != thrd_success)
		return 1;
	thrd_join(t, NULL);
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	FD_SET(q[0], &set);
	hit = select(q[0] + 1, &set, NULL, NULL, &tv) < 0 && errno == EBADF;
	close(p[0]);
	close(p[1]);
	close(q[1]);
	return !hit;
}
