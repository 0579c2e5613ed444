/* SPDX-License-Identifier: MIT */
/*
 * Releases of a lock that the calling thread does not hold (generic rules unlock-not-held and
 * unlock-by-other-thread), for mutexes, rwlocks and spinlocks alike.
 */
#ifndef DETECT_UNLOCK_MISUSE_H
#define DETECT_UNLOCK_MISUSE_H

#include "state/thread.h"

struct unlock {
	u64 addr;
	enum sync_kind kind;
	u32 flags;	 /* SF_* of the lock */
	bool free;	 /* by the lock's own word nobody holds it */
	u32 readers;	 /* rwlock: how many read, by its own word */
	const char *err; /* what the call will return, NULL: 0 */
};
/* The lock is not in the caller's books, and not its own by the lock's own word either. Tells it
 * where the fault is certain: nobody holds the lock, or another thread does by our books. Before
 * the call. Signal-safe. */
void unlock_misuse(struct thread *t, const struct unlock *u);

#endif
