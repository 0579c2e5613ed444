/* SPDX-License-Identifier: MIT */
/* What the programs here share: to see from inside that a thread sleeps, whatever in. */
#ifndef HANG_H
#define HANG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int own_tid(void)
{
	return (int)syscall(SYS_gettid);
}

/* Until that thread sleeps: five looks in a row. */
static inline void until_asleep(volatile int *tid)
{
	char path[64], text[512];

	for (int seen = 0; seen < 5; usleep(2000)) {
		FILE *f;
		char *end = NULL;

		if (!*tid)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", *tid);
		f = fopen(path, "r");
		if (!f)
			return;
		if (fgets(text, sizeof(text), f))
			end = strrchr(text, ')');
		fclose(f);
		seen = end && end[2] == 'S' ? seen + 1 : 0;
	}
}

#endif
