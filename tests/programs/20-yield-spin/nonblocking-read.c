/* SPDX-License-Identifier: MIT */
/* expect: yield-spin warning */
/* Reads a pipe that has nothing and says EAGAIN, without ever polling it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include "spin.h"

static int ends[2];

static void *reader(void *arg)
{
	char c;

	(void)arg;
	until_main_waits();
	for (int i = 0; i < LONG_SPIN; i++)
		MUST(read(ends[0], &c, 1) == -1 && errno == EAGAIN);
	return NULL;
}

int main(void)
{
	pthread_t t;

	MUST(pipe2(ends, O_NONBLOCK) == 0);
	MUST(pthread_create(&t, NULL, reader, NULL) == 0);
	pthread_join(t, NULL);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
