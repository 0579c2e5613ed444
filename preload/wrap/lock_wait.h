/* SPDX-License-Identifier: MIT */
/*
 * What mutexes, rwlocks and spinlocks share when a thread must wait: the wait record with an exact
 * stack, the time, the totals of the lock and of the waiter's call site. Used only from the lock
 * families' slow paths.
 */
#ifndef WRAP_LOCK_WAIT_H
#define WRAP_LOCK_WAIT_H

#include <errno.h>

#include "state/thread.h"

/* The one reading of return codes: did this call leave the caller with the lock? (EOWNERDEAD did;
 * ETIMEDOUT, EBUSY did not.) */
static inline bool lock_rc_took(int rc)
{
	return rc == 0 || rc == EOWNERDEAD;
}

struct lock_wait {
	struct thread *t;
	struct wait_outer outer;
	u64 since, addr, holder_pc;
	u32 row, serial, stack, holder; /* row is of that serial only while the lock lives */
};
/* `row`: the lock's row in TABLE_sync, 0 if it has none. lock_wait_for() afterwards where it is
 * known who holds it: it lives in another thread, which may let go of it meanwhile. */
void lock_wait_begin(struct lock_wait *w, struct thread *t, u32 call, u64 addr, u32 row, u32 flags,
		     uintptr_t pc, uintptr_t sp);
void lock_wait_for(struct lock_wait *w, const struct st_live *holder);
void lock_wait_end(struct lock_wait *w);

#endif
