/* SPDX-License-Identifier: MIT */
/* What the programs of this directory share: a period, and failing loudly. */
#ifndef TICKS_H
#define TICKS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_MS 4
#define CALLS	  12

static inline void die_unless(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static inline struct itimerspec every_ms(long ms)
{
	struct itimerspec spec = {{0, ms * 1000 * 1000}, {0, ms * 1000 * 1000}};

	return spec;
}

static inline struct itimerspec once_ms(long ms)
{
	struct itimerspec spec = {{0, 0}, {0, ms * 1000 * 1000}};

	return spec;
}

/* All of ms, however many signals come. */
static inline void sleep_all_ms(long ms)
{
	struct timespec rest = {0, ms * 1000 * 1000};

	while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
		continue;
}

/* Waits for the next tick of a timerfd; how many periods have passed since the last one. */
static inline uint64_t take_tick(int fd)
{
	uint64_t ticks = 0;

	die_unless(read(fd, &ticks, sizeof(ticks)) == sizeof(ticks), "read");
	return ticks;
}

#endif
