/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a synchronisation object that is no lock: semaphores, barriers, onces. The wait
 * record with an exact stack and the time, the object's totals, and, with locks held, the time
 * charged to them. Slow paths only; signal-safe; a wait left by cancellation is noticed by the next
 * one.
 */
#ifndef WRAP_OBJECT_WAIT_H
#define WRAP_OBJECT_WAIT_H

#include "base/clock.h"
#include "detect/hold_io.h"
#include "detect/timers.h"
#include "state/fds.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "state/thread.h"

struct object_wait {
	struct thread *t;
	struct wait_outer outer;
	struct hold_io hold;
	u64 since;
	u32 row, serial, call;
};

/* `row`: the object's row in TABLE_sync, 0 if it has none. */
static inline void object_wait_begin(struct object_wait *w, struct thread *t, u32 call, u64 addr,
				     u32 row, u32 flags, uintptr_t pc, uintptr_t sp)
{
	struct st_sync *s = sync_row(row);
	struct wait wait = {.call = call,
			    .addr = addr,
			    .fd = -1,
			    .flags = flags | (s ? WF_REGISTERED : 0),
			    .obj = s ? s->serial : 0};

	w->t = t;
	w->row = row;
	w->serial = wait.obj;
	w->call = call;
	w->hold.since = 0;
	timers_watch(t, sp, call, -1, addr);
	wait.stack = stack_context(t, pc, sp);
	if (t->live->nheld && !(flags & WF_NONBLOCK))
		hold_io_begin(&w->hold, false);
	w->since = w->hold.since ? w->hold.since : clock_now();
	if (s)
		__atomic_fetch_add(&s->waiters, 1, __ATOMIC_RELAXED);
	wait_begin(t, &w->outer, &wait, pc, sp, w->since);
}

static inline void object_wait_end(struct object_wait *w)
{
	struct st_sync *s = sync_row(w->row);

	if (w->t != thread_self)
		return;
	wait_end(w->t, &w->outer);
	/* The object may have gone while we waited (a semaphore destroyed by the last to leave):
	 * its row is somebody else's then. */
	if (s && s->serial == w->serial) {
		__atomic_fetch_sub(&s->waiters, 1, __ATOMIC_RELAXED);
		sync_waited(w->row, w->t, clock_now() - w->since, 0);
	}
	if (w->hold.since)
		hold_io_end(w->t, &w->hold, w->call, -1, FDK_unknown);
}

#endif
