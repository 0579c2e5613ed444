/* SPDX-License-Identifier: MIT */
/*
 * The list of locks a thread holds: a few stores into its own live row. This is the uncontended
 * path: no call, no clock, nothing shared is written. Past HELD_MAX locks are only counted.
 */
#ifndef STATE_HELD_H
#define STATE_HELD_H

#include "base/common.h"
#include "state/stacks.h"
#include "state/thread.h"

/* nheld and acquiring change together, in one store. */
#define HELD_ANNOUNCED (1ull << 32)
static inline void held_count_both(struct st_live *l, u64 both)
{
	_Static_assert(offsetof(struct st_live, nheld) % 8 == 0 &&
			   offsetof(struct st_live, acquiring) ==
			       offsetof(struct st_live, nheld) + 4,
		       "");
	__atomic_store_n((u64 *)(void *)&l->nheld, both, __ATOMIC_RELEASE);
}
static inline void held_count(struct st_live *l, u32 n, u32 acquiring)
{
	held_count_both(l, n | (u64)acquiring << 32);
}

/* A lock call is about to be made: the entry is written, and counts once held_got() says so. Until
 * then it is a wait of unknown age. */
static inline void held_try_known(struct st_live *l, u64 n, u64 addr, u8 mode, u32 stack,
				  uintptr_t pc, uintptr_t sp)
{
	struct st_held *h = &l->held[n];

	h->addr = addr;
	__atomic_signal_fence(__ATOMIC_RELEASE); /* first: a handler that comes from here on leaves
						    its own address there */
	h->pc = pc;
	h->sp = sp;
	*(u64 *)(void *)&h->stack = stack | 1ull << 32 | (u64)mode << 48; /* count 1, flags 0 */
	held_count_both(l, n | HELD_ANNOUNCED);
}
static inline void held_try(struct thread *t, struct st_live *l, u64 addr, u8 mode, uintptr_t pc,
			    uintptr_t sp)
{
	u32 n = l->nheld;

	if (likely(n < HELD_MAX))
		held_try_known(l, n, addr, mode, stack_context(t, pc, sp), pc, sp);
}
static inline void held_got(struct st_live *l)
{
	held_count(l, l->nheld + 1, 0);
}
static inline void held_not_got(struct st_live *l)
{
	held_count(l, l->nheld, 0);
}

/* nheld and acquiring in one look: more than HELD_MAX where a lock is announced. */
static inline u64 held_both(const struct st_live *l)
{
	return __atomic_load_n((const u64 *)(const void *)&l->nheld, __ATOMIC_RELAXED);
}
/* The number of locks held where one is announced; otherwise HELD_MAX or more. For after a call:
 * what is used before and after it the compiler would keep in one more register that has to be
 * saved. */
static inline u64 held_announced_at(const struct st_live *l)
{
	u64 announced = HELD_ANNOUNCED;

	__asm__ volatile("" : "+r"(announced));
	return held_both(l) - announced;
}
/* False: a handler has come while the entry was written, and has used the place. */
static inline bool held_announced(const struct st_live *l, u64 addr)
{
	return l->nheld >= HELD_MAX || l->held[l->nheld].addr == addr;
}
/* An announced lock call was left without returning (longjmp): it is forgotten. False: it is still
 * there, a handler has interrupted it. */
bool held_left(struct thread *t, uintptr_t sp);

/* What a handler takes while it interrupts a lock call is not recorded: the place is the call's. */
static inline void held_push(struct thread *t, u64 addr, u8 mode, uintptr_t pc, uintptr_t sp)
{
	if (unlikely(t->live->acquiring) && !held_left(t, sp))
		return;
	do
		held_try(t, t->live, addr, mode, pc, sp);
	while (unlikely(!held_announced(t->live, addr)));
	held_got(t->live);
}

bool held_pop_slow(struct st_live *l, u64 addr);
/* Only if it was the last one taken. */
static inline bool held_pop_last(struct st_live *l, u64 addr)
{
	u32 n = l->nheld - 1;

	if (unlikely(n >= HELD_MAX || l->held[n].addr != addr))
		return false;
	held_count(l, n, 0);
	return true;
}
/* False if the thread is not known to hold it. */
static inline bool held_pop(struct thread *t, u64 addr)
{
	return likely(held_pop_last(t->live, addr)) || held_pop_slow(t->live, addr);
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

/* No earlier entry is of the same lock: a recursive mutex has one for each time it was taken. */
static inline bool held_first(const struct st_live *l, const struct st_held *h)
{
	for (const struct st_held *e = l->held; e < h; e++)
		if (e->addr == h->addr)
			return false;
	return true;
}

/* A thread that holds it, but not `but`, or NULL. Looks at all that live. */
struct st_live *held_by(u64 addr, const struct st_live *but);

/* Makes the acquisition stacks of all held locks exact: about to block with them. */
void held_settle(struct thread *t);

#endif
