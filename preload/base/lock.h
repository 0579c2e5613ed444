/* SPDX-License-Identifier: MIT */
/*
 * The tool's own locks. Held for a few hundred nanoseconds, with signals blocked (but 32 and 33), so a handler never meets its own thread
 * inside. The word may lie in memory shared with a forked child; a holder that vanished (killed, or another process) is waited for at most
 * about a second, then the lock is taken over: tables may then be a row short, the program goes on.
 *
 * Ranks, to be taken in rising order only: LOCK_ARENA is innermost.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/common.h"
#include "base/sys.h"

struct lock_guard {
	unsigned *word;
	uint64_t mask;
};

struct lock_guard lock_acquire(unsigned *word);
void lock_release(struct lock_guard *g);

#endif
