/* SPDX-License-Identifier: MIT */
/*
 * A call of one family on an object of another: a mutex given to an rwlock's function, a
 * semaphore's address to a mutex's (generic rule wrong-object-kind). Slow paths only: first uses,
 * contention, deaths. Signal-safe as far as the calls themselves are.
 */
#ifndef DETECT_WRONG_KIND_H
#define DETECT_WRONG_KIND_H

#include "state/sync.h"

bool wrong_kind_look(struct thread *t, u64 addr, enum sync_kind kind, const char *call);
/* The program is about to use (`call`) what it takes for an object of that kind. True if it was
 * told that it is another. One look where no object is known to begin at the address. */
static inline bool wrong_kind_check(struct thread *t, u64 addr, enum sync_kind kind,
				    const char *call)
{
	return unlikely(line_may_hold(addr)) && wrong_kind_look(t, addr, kind, call);
}
/* The call is about to wait: asks also whether somebody holds it as another kind of lock. Once an
 * object. True if it was told. */
bool wrong_kind_waits(struct thread *t, u64 addr, enum sync_kind kind, const char *call);

#endif
