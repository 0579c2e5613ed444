/* SPDX-License-Identifier: MIT */
/*
 * The list of locks a thread holds: a few stores into its own live row. This is the uncontended path: no call, no clock, nothing shared is
 * written. Past HELD_MAX locks are only counted.
 */
#ifndef STATE_HELD_H
#define STATE_HELD_H

#include "base/common.h"
#include "state/stacks.h"
#include "state/thread.h"

static inline void held_push(struct thread *t, u64 addr, u8 mode, uintptr_t pc, uintptr_t sp)
{
	struct st_live *l = t->live;
	u32 n = l->nheld;

	if (likely(n < HELD_MAX)) {
		struct st_held *h = &l->held[n];

		h->addr = addr;
		h->pc = pc;
		h->sp = sp;
		h->stack = stack_context(t, pc, sp);
		h->count = 1;
		h->mode = mode;
		h->flags = 0;
	}
	__atomic_store_n(&l->nheld, n + 1, __ATOMIC_RELEASE);
}

bool held_pop_slow(struct st_live *l, u64 addr);
/* False if the thread is not known to hold it. */
static inline bool held_pop(struct thread *t, u64 addr)
{
	struct st_live *l = t->live;
	u32 n = l->nheld;

	if (likely(n && n <= HELD_MAX && l->held[n - 1].addr == addr)) {
		__atomic_store_n(&l->nheld, n - 1, __ATOMIC_RELEASE);
		return true;
	}
	return held_pop_slow(l, addr);
}

/* The entry of `addr` in a live row, or NULL. */
static inline struct st_held *held_find(struct st_live *l, u64 addr)
{
	u32 n = l->nheld < HELD_MAX ? l->nheld : HELD_MAX;

	while (n--)
		if (l->held[n].addr == addr)
			return &l->held[n];
	return NULL;
}

/* Makes the acquisition stacks of all held locks exact: about to block with them. */
void held_settle(struct thread *t);

#endif
