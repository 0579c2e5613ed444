/* SPDX-License-Identifier: MIT */
/*
 * The uncontended path that rwlocks and spinlocks share with mutexes (wrap/mutex.c has its own,
 * hand-laid, copy of it): a lock that looks free is announced by the entry that will say "held",
 * then goes straight into libc. Should somebody be faster between our look and libc's, the wait has
 * no age and no stack, but it is in the graph: whoever completes a ring later finds it. Takes no
 * lock, reads no clock; signal-safe as far as the lock itself is.
 */
#ifndef WRAP_LOCK_FAST_H
#define WRAP_LOCK_FAST_H

#include "detect/lock_order.h"
#include "state/held.h"
#include "state/stacks.h"

/* False: nothing was done, the long way is to be gone. */
static inline bool lock_announce(u64 addr, u8 mode, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = thread_self;
	struct context *c;
	struct st_live *l;
	u64 n;

	if (unlikely(!t || !(l = t->live) || (n = held_both(l)) >= HELD_MAX))
		return false;
	c = stack_context_at(t, pc, sp);
	if (unlikely(!stack_context_is(c, pc, sp)))
		return false;
	held_try_known(l, n, addr, mode, c->stack, pc, sp);
	return true;
}

/* The call returned an error: nothing is held. Returns rc. */
int lock_announced_odd(int rc);
int lock_announced_disturbed(u64 addr, u8 mode, uintptr_t pc, uintptr_t sp);
int lock_announced_nested(struct thread *t, struct st_live *l, u64 addr, u8 mode);

/* The call returned 0: the entry counts from now on. Returns 0. */
static inline int lock_announced_got(u64 addr, u8 mode, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = thread_self_again(); /* never NULL here, whatever a handler did */
	struct st_live *l;
	u64 n;

	if (unlikely(!(l = t->live) || (n = held_announced_at(l)) >= HELD_MAX ||
		     l->held[n].addr != addr))
		return lock_announced_disturbed(addr, mode, pc, sp);
	if (n)
		return lock_announced_nested(t, l, addr, mode);
	held_count(l, 1, 0);
	return 0;
}

#endif
