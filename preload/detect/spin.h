/* SPDX-License-Identifier: MIT */
/*
 * A thread that burns its time in calls that do nothing for it: sched_yield, a try for a lock or a
 * semaphore that is refused, a poll without a wait that finds nothing, a read that says EAGAIN. An
 * episode is a run of such calls by one thread with no progress between two of them: no lock
 * acquired, no call that may block. Its longest is kept in table `spin` where another thread waits
 * for the spinner meanwhile. Signal-safe; costs a few private loads and stores a call.
 */
#ifndef DETECT_SPIN_H
#define DETECT_SPIN_H

#include <errno.h>

#include "state/thread.h"

/* Every SPIN_LOOK calls the clocks are read. A power of two. */
#define SPIN_LOOK 1024u

void spin_look(struct thread *t, u32 call, u64 addr);
void spin_over(struct thread *t, bool acquired);

/* Has anything been waited for or acquired since the last call of the episode? The marks are places
 * that every wait and every acquisition of a lock write anyhow. `own`: waits that the call itself
 * registered. */
static inline bool spin_progress(const struct thread *t, const struct st_live *l, u32 own)
{
	return t->waits != t->spin.waits + own || (!own && l->wait_pc) ||
	       (l->nheld < HELD_MAX && l->held[l->nheld].addr);
}
static inline void spin_mark(struct thread *t, struct st_live *l)
{
	t->spin.waits = t->waits;
	l->wait_pc = 0;
	if (l->nheld < HELD_MAX)
		l->held[l->nheld].addr = 0;
}

/* The call did nothing and came back at once. `addr`: the lock or semaphore tried, 0 none. `own`: 1
 * if the call has a wait record of its own (it is over by now). */
static inline void spin_call(struct thread *t, u32 call, u64 addr, u32 own)
{
	struct st_live *l = t ? t->live : NULL;

	if (unlikely(!l || l->wait_call != CALL_none || l->acquiring))
		return;
	if (unlikely(spin_progress(t, l, own)) && t->spin.calls)
		spin_over(t, false);
	spin_mark(t, l);
	if (addr)
		t->spin.addr = addr;
	if (unlikely(++t->spin.calls % SPIN_LOOK == 0))
		spin_look(t, call, addr);
}

/* A try has got what it tried for: a spin that ends so was for something. */
static inline void spin_got(struct thread *t, u64 addr)
{
	if (unlikely(t->spin.calls >= SPIN_LOOK && t->spin.addr == addr))
		spin_over(t, true);
}

/* What a try returned: 0 or EOWNERDEAD got it. */
static inline void spin_tried(struct thread *t, u32 call, u64 addr, int rc)
{
	if (rc == EBUSY || rc == EAGAIN)
		spin_call(t, call, addr, 0);
	else if (likely(t != NULL))
		spin_got(t, addr);
}

#endif
