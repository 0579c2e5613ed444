/* SPDX-License-Identifier: MIT */
/*
 * The tool's own locks. Held for a few hundred nanoseconds, with signals blocked (but 32 and 33),
 * so a handler never meets its own thread inside. A holder that is preempted is slept for, so that
 * a waiter of higher real-time priority lets it run. One that vanished (killed inside, which
 * nothing should do) is waited for about two seconds, then the lock is taken over: tables may then
 * be a row short, the program goes on.
 *
 * Ranks, to be taken in rising order only: LOCK_ARENA is innermost.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/common.h"
#include "base/sys.h"

struct lock_guard {
	unsigned *word;
};

struct lock_guard lock_acquire(unsigned *word);
void lock_release(struct lock_guard *g);

/* Signals stay blocked from enter to leave, and the locks taken in between cost no system call. For
 * work that takes several. Nests. */
void lock_section_enter(void);
void lock_section_leave(void);

#endif
