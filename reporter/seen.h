/* SPDX-License-Identifier: MIT */
/*
 * What `pitfall run` learns of its processes while they live, beyond what they write themselves:
 * that one is stuck for good, which it says at once, and what the kernel knows, which it keeps
 * beside the trace (kernel.h). Owns nothing; called from cmd_run.c; not signal-safe.
 */
#ifndef REPORTER_SEEN_H
#define REPORTER_SEEN_H

#include <stdbool.h>
#include <sys/types.h>

struct report_options;

/* No thread of the process has moved for a while. True: it is stuck for good; said on standard
 * error, unless O hides it. */
bool seen_hung(const char *base, pid_t pid, const struct report_options *o);
/* It is about to be ended. */
void seen_last(const char *base);

#endif
