/* SPDX-License-Identifier: MIT */
/* Is a traced process still running? Private to reader.c; not signal-safe. */
#ifndef REPORTER_ALIVE_H
#define REPORTER_ALIVE_H

#include "model.h"

/* The process F was written by runs now, on this host: by /proc/PID/maps (it maps STATE), else by
 * its start time. */
bool process_alive(const struct process_facts *f, const char *state);
/* CLOCK_MONOTONIC now, in ns. */
u64 now_ns(void);

#endif
