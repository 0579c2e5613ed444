/* SPDX-License-Identifier: MIT */
/*
 * Synchronisation objects that mattered: made by an init call, waited for, nested in another, held
 * across a blocking call. A mutex that is only ever locked without contention has no row.
 * Generations: a row is one life of one address; it ends with destroy, or when the memory under it
 * is given back (law 7).
 *
 * Signal-safe. Look-ups are lock-free; births and deaths take sync.lock (the table's own word in
 * the state, so that a forked child's copy is consistent).
 */
#ifndef STATE_SYNC_H
#define STATE_SYNC_H

#include "base/common.h"
#include "state/thread.h"

struct sync_birth {
	enum sync_kind kind;
	u32 flags; /* SF_* */
	u32 stack; /* 0: taken here */
	u32 value;
	const char *name;
};

/* The living object of this kind at addr; its row (the serial is in it), 0 if none. */
u32 sync_find(u64 addr, enum sync_kind kind);
/* One of another kind that lives there; its row, 0 if none. */
u32 sync_find_other(u64 addr, enum sync_kind kind);
/* The same as sync_find(), and if there is none it is born now as first seen (SF_STATIC). 0 only if
 * the table is full. */
u32 sync_see(struct thread *t, u64 addr, enum sync_kind kind, u32 flags);
/* An init call succeeded: ends what lived at the address, of whatever kind, and is born. Returns
 * the row. */
u32 sync_born(struct thread *t, u64 addr, const struct sync_birth *b);
/* Its memory or name went by a call that is no destroy (sem_close). */
void sync_died(struct thread *t, u64 addr, enum sync_kind kind);
/* Destroyed by a call. What was private to the process is remembered by its address until the
 * memory is given back, another object lies there, or too many were destroyed since; also one that
 * had no row (`flags` are for it). */
void sync_destroyed(struct thread *t, u64 addr, enum sync_kind kind, u32 flags);
/* The row of one that was destroyed there and is remembered, 0 if none. */
u32 sync_find_destroyed(const struct thread *t, u64 addr, enum sync_kind kind);
/* A fault of this object was told: its row stays for the report, and what was remembered of a
 * destroyed one is forgotten. */
void sync_told(u32 row);
/* The function on whose stack it lay has returned: seen by the thread whose stack it is. */
bool sync_frame_gone(const struct thread *t, const struct st_sync *s);
/* It came into this process by fork. */
bool sync_inherited(const struct st_sync *s);
struct st_sync *sync_row(u32 row);
/* A thread waited `ns` for it: totals and the worst. `holder`: serial it waited for, 0 unknown. */
void sync_waited(u32 row, struct thread *t, u64 ns, u32 holder);
/* The calling thread has left its wait for an object without returning (cancelled, longjmp): it is
 * no waiter any more, and waits for nothing. */
void sync_forsaken(struct thread *t);
void sync_fork_child(void);

/* ---- memory given back
 * ------------------------------------------------------------------------------------------------
 */
/* One bit per 4 KiB page (hashed): may an object lie there? Read on every free(). */
#define PAGE_FILTER_BITS (1u << 19)
extern u64 page_filter[PAGE_FILTER_BITS / 64];
static inline bool page_may_hold(uintptr_t addr)
{
	uintptr_t page = addr >> 12;

	return page_filter[page / 64 % (PAGE_FILTER_BITS / 64)] >> (page % 64) & 1;
}
/* The same by 16 bytes, what allocators align to, for blocks of at most a page: how many objects
 * begin there. The four of a 64-byte line stand together, the lines are hashed. */
#define SYNC_LINES (1u << 16)
extern u8 sync_lines[SYNC_LINES][4];
static inline u8 *sync_line(uintptr_t addr)
{
	return sync_lines[(addr >> 6 ^ addr >> 22) % SYNC_LINES];
}
static inline bool lines_may_hold(uintptr_t addr, size_t size)
{
	uintptr_t first = addr & ~(uintptr_t)63, last = (addr + size - 1) & ~(uintptr_t)63;

	for (uintptr_t at = first; at <= last; at += 64) {
		u32 four =
		    __atomic_load_n((const u32 *)(const void *)sync_line(at), __ATOMIC_RELAXED);

		if (at == first)
			four &= ~0u << (addr >> 4) % 4 * 8;
		if (at == last)
			four &= ~0u >> (3 - ((addr + size - 1) >> 4) % 4) * 8;
		if (four)
			return true;
	}
	return false;
}

/* The same for one address: does an object begin there? */
static inline bool line_may_hold(uintptr_t addr)
{
	return __atomic_load_n(&sync_line(addr)[(addr >> 4) % 4], __ATOMIC_RELAXED) != 0;
}

/* How many objects live in memory that can be given back by a call (not in a module, not on a
 * stack): with none, free() looks no further. */
extern u32 sync_on_heap;
/* Calls fn for each living object in the range, without a lock: one that comes or goes meanwhile
 * may be missed. */
void sync_each_in(uintptr_t addr, size_t size, void (*fn)(u32 row, struct st_sync *s, void *arg),
		  void *arg);
/* The bytes [addr, addr + size) are no longer the program's: every object in them ends. Cheap where
 * the filter has no bit. `t` may be NULL: by a thread that is no longer observed. */
void sync_memory_gone(struct thread *t, uintptr_t addr, size_t size);
/* The same after the fact, when somebody else may have the memory already: only objects no younger
 * than `newest`, the serial of the youngest before the call. */
u32 sync_newest(void);
void sync_memory_gone_before(struct thread *t, uintptr_t addr, size_t size, u32 newest);

/* Where destroyed spinlocks lie, one bit by address: a spinlock has no room for a mark. Read at
 * every spin_lock, written rarely. */
extern u64 sync_dead_spins;
static inline u64 sync_spin_bit(u64 addr)
{
	return 1ull << (addr >> 6) % 64;
}

/* Counts semaphores that died: what was remembered about one is looked up again. */
extern u32 sync_sems_died;

/* Moves whenever an object near `addr` dies: what was remembered about an address under an older
 * value must be looked up again. */
#define GENERATIONS 1024
extern u32 sync_generations[GENERATIONS];
static inline u32 sync_generation(u64 addr)
{
	return __atomic_load_n(&sync_generations[(addr >> 6) % GENERATIONS], __ATOMIC_RELAXED);
}

#endif
