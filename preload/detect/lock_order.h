/* SPDX-License-Identifier: MIT */
/*
 * Lock order: which lock was taken while which was held, and cycles in that.
 */
#ifndef DETECT_LOCK_ORDER_H
#define DETECT_LOCK_ORDER_H

#include "state/held.h"
#include "state/sync.h"
#include "state/thread.h"

/* `addr` was just acquired (and is not yet in the list) by a call that could have waited, with locks held. Dear. */
void lock_order_note(struct thread *t, const struct st_held *held, u64 addr, u8 mode);

/* Tells sets of held locks apart, and how they are held. */
static inline u32 lock_order_gates(const struct st_live *l, u8 mode)
{
	u64 sum = mode;

	for (u32 i = 0; i < l->nheld && i < HELD_MAX; i++)
		sum += l->held[i].addr + l->held[i].mode * 0x10000001ull;
	return (u32)(sum >> 2);
}

/* The uncontended path's part: one look into the thread's memo per lock held. */
static inline void lock_order_acquired(struct thread *t, u64 addr, u8 mode)
{
	struct st_live *l = t->live;
	u32 n = l->nheld, gates = lock_order_gates(l, mode);

	for (u32 i = 0; i < n && i < HELD_MAX; i++) {
		const struct st_held *h = &l->held[i];
		struct edge_memo *e = &t->edges[(h->addr >> 4 ^ addr >> 6 ^ addr >> 11) % EDGES];

		if (likely(e->from == h->addr && e->to == addr && e->gates == gates &&
			   e->generation == sync_generation(h->addr) + sync_generation(addr)))
			continue;
		lock_order_note(t, h, addr, mode);
	}
}

#endif
