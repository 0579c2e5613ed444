/* SPDX-License-Identifier: MIT */
/*
 * Lock order: which lock was taken while which was held, and cycles in that.
 */
#ifndef DETECT_LOCK_ORDER_H
#define DETECT_LOCK_ORDER_H

#include "state/held.h"
#include "state/sync.h"
#include "state/thread.h"

/* `addr` was just acquired (and is not yet in the list) by a call that could have waited, with
 * locks held. Dear. */
void lock_order_note(struct thread *t, const struct st_held *held, u64 addr, u8 mode);

/* Tells sets of held locks apart, and how they are held: the sum over all. */
static inline u32 lock_order_gate(u32 so_far, const struct st_held *h)
{
	return so_far + (u32)(h->addr >> 2) + h->mode * 0x1000001u;
}
static inline u32 lock_order_gates(const struct st_live *l, u8 mode)
{
	u32 sum = mode;

	for (u32 i = 0; i < l->nheld && i < HELD_MAX; i++)
		sum = lock_order_gate(sum, &l->held[i]);
	return sum;
}

static inline struct edge_memo *lock_order_memo(struct thread *t, u64 from, u64 to)
{
	return &t->edges[(from >> 4 ^ to >> 6 ^ to >> 11) % EDGES];
}
static inline bool lock_order_known(struct thread *t, const struct st_held *h, u64 addr, u32 gates)
{
	const struct edge_memo *e = lock_order_memo(t, h->addr, addr);

	return e->from == h->addr && e->to == addr && e->gates == gates &&
	       e->generation == sync_generation(h->addr) + sync_generation(addr);
}

/* The uncontended path's part: one look into the thread's memo per lock held. */
static inline void lock_order_acquired(struct thread *t, u64 addr, u8 mode)
{
	struct st_live *l = t->live;
	u32 n = l->nheld, gates = lock_order_gates(l, mode);

	for (u32 i = 0; i < n && i < HELD_MAX; i++)
		if (unlikely(!lock_order_known(t, &l->held[i], addr, gates)))
			lock_order_note(t, &l->held[i], addr, mode);
}

#endif
