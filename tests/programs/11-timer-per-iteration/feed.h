/* SPDX-License-Identifier: MIT */
/* A thread that writes a few messages of a byte to a pipe, one by one, and closes it. */
#ifndef FEED_H
#define FEED_H

#include <pthread.h>
#include <unistd.h>

enum { MESSAGES = 60 };

static inline void *feed_run(void *arg)
{
	int fd = *(int *)arg;
	char c = 'm';

	for (int i = 0; i < MESSAGES; i++)
		if (write(fd, &c, 1) != 1)
			break;
	close(fd);
	return NULL;
}

#endif
