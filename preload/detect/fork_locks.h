/* SPDX-License-Identifier: MIT */
/*
 * Locks that other threads held when this process was forked (generic rule fork-with-locks-held):
 * they exist in the child, their holders do not. Doesn't know what the forking thread itself held
 * (wrap/process.c keeps that).
 */
#ifndef DETECT_FORK_LOCKS_H
#define DETECT_FORK_LOCKS_H

#include "state/thread.h"

/* Around a fork, by the forking thread: what other threads hold is noted in memory of its own, for
 * the child's copy of the tables may be younger than the fork. Both do nothing in a process of one
 * thread. fork_locks_after() is for the parent. Signal-safe. */
void fork_locks_before(struct thread *t);
void fork_locks_after(void);
/* In a child, while the copied rows of the parent's threads are still there: finds out which of
 * those locks are really held in the child's memory. */
void fork_locks_child(void);

extern bool fork_locks_possible; /* set in children of processes that had other threads */
void fork_locks_check_slow(struct thread *t);
/* The caller's wait is registered and has no time limit: tells if it is for such a lock. */
static inline void fork_locks_check(struct thread *t)
{
	if (unlikely(fork_locks_possible))
		fork_locks_check_slow(t);
}
/* The process ends by itself: notes what it could have hung on, if it lived on as a program of its
 * own (made threads, or ran for a while). */
void fork_locks_end(struct thread *t);

#endif
