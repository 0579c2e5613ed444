/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of synchronisation objects, the hash by address, the lists by page. Doesn't: order
 * between them (edges), who holds what (held).
 *
 * A row whose object was destroyed by a call stays where it is, in its chains, with SF_REMEMBERED:
 * it ends with its memory like any other, and the TOMBS last ones are kept.
 */
#include "sync_rows.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/modules.h"
#include "state/edges.h"
#include "state/held.h"
#include "state/order.h"
#include "state/sites.h"
#include "state/stacks.h"

enum {
	BUCKETS = 1 << 15,
	PAGE_BUCKETS = 1 << 14,
	SWEEP_PAGES = 4096,
	DEAD_KEPT = 4096,
	TOMBS = 1024
};

u64 page_filter[PAGE_FILTER_BITS / 64];
/* Read by everybody all the time, the first one written at every birth and death. */
u32 sync_on_heap APART;
u32 sync_sems_died APART;
u64 sync_dead_spins APART;
u8 sync_lines[SYNC_LINES][4] __attribute__((aligned(4)));
u32 sync_generations[GENERATIONS];

struct sync_table sync_ APART;
static struct {
	u32 row, serial;
} tombs[TOMBS];

static u32 *bucket(u64 addr)
{
	u32 *b = arena_heads(&sync_.buckets, BUCKETS);

	return b ? &b[(addr >> 3 ^ addr >> 20) * 2654435761u % BUCKETS] : NULL;
}
u32 *sync_page(uintptr_t page)
{
	u32 *b = arena_heads(&sync_.pages, PAGE_BUCKETS);

	return b ? &b[page % PAGE_BUCKETS] : NULL;
}

struct st_sync *sync_row(u32 row)
{
	return row ? row_get(TABLE_sync, row) : NULL;
}

/* Living, and of any kind but that. */
static bool is_other(const struct st_sync *s, u64 addr, enum sync_kind kind)
{
	return s->addr == addr && s->kind != kind && s->serial && !s->died;
}

u32 sync_find_other(u64 addr, enum sync_kind kind)
{
	u32 *b = sync_.buckets ? bucket(addr) : NULL,
	    i = b ? __atomic_load_n(b, __ATOMIC_ACQUIRE) : 0;
	struct st_sync *s;

	for (int steps = 0; (s = sync_row(i)) && steps < 10000; i = s->next, steps++)
		if (is_other(s, addr, kind))
			return i;
	return 0;
}

/* `gone` 0: the living one; SF_REMEMBERED: the destroyed one. */
static u32 find(u64 addr, enum sync_kind kind, u32 gone)
{
	u32 *b = sync_.buckets ? bucket(addr) : NULL,
	    i = b ? __atomic_load_n(b, __ATOMIC_ACQUIRE) : 0;

	for (int steps = 0; i && steps < 10000; steps++) {
		struct st_sync *s = row_get(TABLE_sync, i);

		if (!s)
			return 0;
		if (s->addr == addr && s->kind == kind && s->serial &&
		    (s->flags & SF_REMEMBERED) == gone && !s->died == !gone)
			return i;
		i = s->next;
	}
	return 0;
}

/* A row that leaves its chain under us, and is used again, leads into another one: what is not
 * found then is looked for again. */
static u32 find_surely(u64 addr, enum sync_kind kind, u32 gone)
{
	for (int tries = 0;; tries++) {
		u32 before = __atomic_load_n(&sync_.changes, __ATOMIC_ACQUIRE),
		    i = find(addr, kind, gone);

		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (i || tries == 8 ||
		    (!(before & 1) && before == __atomic_load_n(&sync_.changes, __ATOMIC_RELAXED)))
			return i;
	}
}

u32 sync_find(u64 addr, enum sync_kind kind)
{
	return find_surely(addr, kind, 0);
}

/* A count that once was full stays: its line is looked up for ever. */
static void line_count(u64 addr, int by)
{
	u8 *n =
	    &sync_line(addr)[(addr >> 4) %
			     4]; /* the lowest address comes first: little-endian machines only */

	if (*n != UINT8_MAX)
		*n = (u8)(*n + by);
}

/* Memory that comes and goes by calls we see: neither a module's nor the stack of the thread that
 * made the object. */
static bool on_heap(const struct st_sync *s)
{
	return !(s->flags & SF_STACK) && !(s->flags & SF_MODULE);
}

static void unlink_row(u32 i, struct st_sync *s)
{
	u32 *b = bucket(s->addr), *p = sync_page(s->addr >> 12);

	__atomic_fetch_add(&sync_.changes, 1, __ATOMIC_SEQ_CST);
	while (b && *b && *b != i)
		b = &((struct st_sync *)row_get(TABLE_sync, *b))->next;
	if (b && *b == i)
		*b = s->next;
	while (p && *p && *p != i)
		p = &((struct st_sync *)row_get(TABLE_sync, *p))->page_next;
	if (p && *p == i)
		*p = s->page_next;
	__atomic_fetch_add(&sync_.changes, 1, __ATOMIC_RELEASE);
	line_count(s->addr, -1);
	if (on_heap(s))
		__atomic_fetch_sub(&sync_on_heap, 1, __ATOMIC_RELAXED);
}

/* What was waited for, has a name or was told of is kept for the report; the rest makes room. */
static void row_done(u32 i, struct st_sync *s)
{
	if ((!s->waits && !(s->flags & SF_MISUSED)) || sync_.dead_kept >= DEAD_KEPT)
		row_free(TABLE_sync, i);
	else
		sync_.dead_kept++;
}

/* Called with sync_.lock held: a destroyed object is remembered no longer. */
static void forget(u32 i, struct st_sync *s)
{
	unlink_row(i, s);
	s->flags &= ~(u32)SF_REMEMBERED;
	if (s->kind == SYNC_spin && --sync_.spins == 0)
		__atomic_store_n(&sync_dead_spins, 0, __ATOMIC_RELAXED);
	row_done(i, s);
}

static void remember(u32 i, struct st_sync *s)
{
	u32 at = sync_.tomb++ % TOMBS;
	struct st_sync *oldest = sync_row(tombs[at].row);

	if (oldest && oldest->serial == tombs[at].serial && oldest->flags & SF_REMEMBERED)
		forget(tombs[at].row, oldest);
	tombs[at].row = i;
	tombs[at].serial = s->serial;
	s->flags |= SF_REMEMBERED;
	if (s->kind == SYNC_spin) {
		sync_.spins++;
		__atomic_fetch_or(&sync_dead_spins, sync_spin_bit(s->addr), __ATOMIC_RELAXED);
	}
}

/* Called with sync_.lock held. No edge names the row any more. */
static void life_ends(struct st_sync *s, u32 by, u32 stack)
{
	s->died = clock_coarse();
	s->died_by = by;
	s->died_stack = stack;
	s->flags |= SF_DEAD;
	if (s->kind == SYNC_sem)
		__atomic_fetch_add(&sync_sems_died, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&sync_generations[(s->addr >> 6) % GENERATIONS], 1, __ATOMIC_RELEASE);
	site_died(s->site, s->died);
	edges_drop(s);
	if (s->kind == SYNC_cond || s->kind == SYNC_sem || s->kind == SYNC_barrier) {
		order_forget(order_key(ORDER_SYNC, s->serial, 0));
		order_forget(order_key(ORDER_SYNC, s->serial, 1));
	}
}

static void end_row(u32 i, u32 by, u32 stack)
{
	struct st_sync *s = row_get(TABLE_sync, i);

	unlink_row(i, s);
	life_ends(s, by, stack);
	row_done(i, s);
}

/* The same for one that was made by a call and should have been destroyed by one. */
static void lose_row(u32 i, u32 by, u32 stack)
{
	const struct st_sync *s = row_get(TABLE_sync, i);
	struct st_site *x = site_get(s->site);

	if (x && !(s->flags & SF_STATIC) && !sync_inherited(s))
		__atomic_fetch_add(&x->lost, 1, __ATOMIC_RELAXED);
	end_row(i, by, stack);
}

void sync_row_gone(u32 i, u32 by)
{
	struct st_sync *s = row_get(TABLE_sync, i);

	if (s->flags & SF_REMEMBERED)
		forget(i, s);
	else
		lose_row(i, by, 0);
}

/* The function it lies in is known by where that keeps its return address, and by what it is. */
static void stack_object(struct thread *t, struct st_sync *s)
{
	s->flags |= SF_STACK;
	s->frame = stack_slot_above(t, s->addr);
	if (s->frame)
		s->frame_pc = *(const u64 *)(uintptr_t)s->frame;
}

/* Its function has returned, and another one has put another object there: seen by the thread whose
 * stack it is, with the object in use. */
bool sync_frame_gone(const struct thread *t, const struct st_sync *s)
{
	return s->flags & SF_STACK && s->frame && s->addr >= t->stack_lo &&
	       s->frame < t->stack_hi && *(const u64 *)(uintptr_t)s->frame != s->frame_pc;
}

/* Something new lies where these were destroyed. */
static void forget_at(u64 addr)
{
	for (u32 kind = SYNC_mutex; kind < SYNC_KINDS; kind++) {
		u32 i = find(addr, kind, SF_REMEMBERED);

		if (i)
			forget(i, row_get(TABLE_sync, i));
	}
}

static u32 begin_row(struct thread *t, u64 addr, const struct sync_birth *b, u32 stack)
{
	u32 i, *h, *p;
	struct st_sync *s;

	forget_at(addr);
	i = row_new(TABLE_sync);
	if (i == UINT32_MAX)
		return 0;
	s = row_get(TABLE_sync, i);
	s->addr = addr;
	s->kind = b->kind;
	s->flags = b->flags;
	s->thread = t->serial;
	s->stack = stack;
	s->value = b->value;
	s->born = clock_coarse();
	if (b->name)
		strncpy(s->name, b->name, sizeof(s->name) - 1);
	if (addr >= t->stack_lo && addr < t->stack_hi)
		stack_object(t, s);
	else if (module_find(addr))
		s->flags |= SF_MODULE;
	s->site = site_born(b->kind == SYNC_sem ? SITE_sem : SITE_sync, b->kind, stack, t->serial,
			    s->born);
	h = bucket(addr);
	p = sync_page(addr >> 12);
	if (!h || !p) {
		row_free(TABLE_sync, i);
		return 0;
	}
	__atomic_fetch_add(&sync_.changes, 1, __ATOMIC_SEQ_CST);
	s->page_next = *p;
	*p = i;
	__atomic_fetch_add(&sync_.changes, 1, __ATOMIC_RELEASE);
	line_count(addr, 1);
	if (on_heap(s))
		__atomic_fetch_add(&sync_on_heap, 1, __ATOMIC_RELAXED);
	s->next = *h;
	__atomic_store_n(&s->serial, __atomic_add_fetch(&sync_.serial, 1, __ATOMIC_RELAXED),
			 __ATOMIC_RELEASE);
	__atomic_store_n(h, i, __ATOMIC_RELEASE);
	__atomic_fetch_or(&page_filter[(addr >> 12) / 64 % (PAGE_FILTER_BITS / 64)],
			  1ull << (addr >> 12) % 64, __ATOMIC_RELAXED);
	return i;
}

u32 sync_see(struct thread *t, u64 addr, enum sync_kind kind, u32 flags)
{
	struct sync_birth b = {.kind = kind, .flags = flags | SF_STATIC};
	u32 i = sync_find(addr, kind), stack;
	struct st_held *h;
	struct lock_guard g;

	if (likely(i && !sync_frame_gone(t, sync_row(i))))
		return i;
	h = t->live ? held_find(t->live, addr)
		    : NULL; /* first seen: where it was taken, not where that began to matter */
	stack = h ? stack_of_held(t, h) : stack_here(t);
	g = lock_acquire(&sync_.lock);
	i = sync_find(addr, kind);
	if (i && sync_frame_gone(t, sync_row(i))) {
		lose_row(i, t->serial, 0);
		i = 0;
	}
	if (!i)
		i = begin_row(t, addr, &b, stack);
	lock_release(&g);
	return i;
}

u32 sync_born(struct thread *t, u64 addr, const struct sync_birth *b)
{
	u32 stack = b->stack ? b->stack : stack_here(t), i;
	struct lock_guard g = lock_acquire(&sync_.lock);

	i = sync_find(addr, b->kind);
	if (i)
		lose_row(i, t->serial, 0);
	while ((i = sync_find_other(addr, b->kind)))
		lose_row(i, t->serial, 0);
	i = begin_row(t, addr, b, stack);
	lock_release(&g);
	return i;
}

void sync_died(struct thread *t, u64 addr, enum sync_kind kind)
{
	u32 i = sync_find(addr, kind), stack;
	struct lock_guard g;

	if (!i)
		return;
	stack = stack_here(t);
	g = lock_acquire(&sync_.lock);
	i = sync_find(addr, kind);
	if (i)
		end_row(i, t->serial, stack);
	lock_release(&g);
}

void sync_destroyed(struct thread *t, u64 addr, enum sync_kind kind, u32 flags)
{
	struct sync_birth b = {.kind = kind, .flags = flags | SF_STATIC};
	u32 stack = stack_here(t), i;
	struct lock_guard g = lock_acquire(&sync_.lock);
	struct st_sync *s;

	i = sync_find(addr, kind);
	if (!i)
		i = begin_row(t, addr, &b, 0); /* of no site: its birth was not seen */
	s = sync_row(i);
	if (s && s->flags & (SF_PSHARED | SF_NAMED)) {
		end_row(i, t->serial, stack);
	} else if (s) {
		life_ends(s, t->serial, stack);
		remember(i, s);
	}
	lock_release(&g);
}

u32 sync_find_destroyed(const struct thread *t, u64 addr, enum sync_kind kind)
{
	u32 i = find_surely(addr, kind, SF_REMEMBERED);

	return i && !sync_frame_gone(t, sync_row(i)) ? i : 0;
}

void sync_told(u32 row)
{
	struct lock_guard g = lock_acquire(&sync_.lock);
	struct st_sync *s = sync_row(row);

	if (s && s->serial) {
		s->flags |= SF_MISUSED;
		if (s->flags & SF_REMEMBERED)
			forget(row, s);
	}
	lock_release(&g);
}

bool sync_inherited(const struct st_sync *s)
{
	return s->serial <= sync_.inherited;
}

void sync_waited(u32 row, struct thread *t, u64 ns, u32 holder)
{
	struct st_sync *s = sync_row(row);

	if (!s)
		return;
	__atomic_fetch_add(&s->waits, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->wait_ns, ns, __ATOMIC_RELAXED);
	s->used_by = t->serial;
	if (ns > s->wait_max) {
		s->wait_max = ns;
		s->worst_waiter = t->serial;
		s->worst_holder = holder;
	}
}

void sync_forsaken(struct thread *t)
{
	struct st_live *l = t->live_kept;
	u32 call = l->wait_call, row;
	struct st_sync *s;

	row = call == CALL_cond_wait	  ? sync_find(l->wait_addr, SYNC_cond)
	      : call == CALL_sem_wait	  ? sync_find(l->wait_addr, SYNC_sem)
	      : call == CALL_barrier_wait ? sync_find(l->wait_addr, SYNC_barrier)
					  : 0;
	s = sync_row(row);
	if (s && s->serial == l->wait_obj && s->waiters)
		__atomic_fetch_sub(&s->waiters, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&l->wait_call, CALL_none, __ATOMIC_RELEASE);
}

static void relink(u32 i, void *row)
{
	struct st_sync *s = row;
	u32 *h = bucket(s->addr), *p = sync_page(s->addr >> 12);

	u32 other;

	s->edges = s->in_edges = 0;   /* edges_fork_child() is next */
	if (s->serial > sync_.serial) /* the tables may be younger than our copy of the counter */
		sync_.serial = s->serial;
	if (s->flags & SF_REMEMBERED)
		row_free(TABLE_sync, i);
	if (s->died || !h || !p)
		return;
	other = sync_find(s->addr, s->kind);
	if (other &&
	    sync_row(other)->serial >
		s->serial) { /* born after this one had died, both while they were copied */
		row_free(TABLE_sync, i);
		return;
	}
	if (other) {
		unlink_row(other, sync_row(other));
		row_free(TABLE_sync, other);
	}
	s->next = *h;
	*h = i;
	s->page_next = *p;
	*p = i;
	sync_on_heap += on_heap(s);
	line_count(s->addr, 1);
	__atomic_fetch_or(&page_filter[(s->addr >> 12) / 64 % (PAGE_FILTER_BITS / 64)],
			  1ull << (s->addr >> 12) % 64, __ATOMIC_RELAXED);
	s->waiters = 0; /* the threads that waited are not here */
}

void sync_fork_child(void)
{
	sync_.lock = 0;
	sync_.changes += sync_.changes & 1; /* nobody is at it here */
	sync_.inherited = sync_.serial;
	if (!arena_torn())
		return;
	sync_.spins = 0;
	sync_dead_spins = 0;
	sync_on_heap = 0;
	arena_child_clear(sync_lines, sizeof(sync_lines));
	if (sync_.buckets)
		arena_child_clear(arena_heads(&sync_.buckets, BUCKETS), BUCKETS * sizeof(u32));
	if (sync_.pages)
		arena_child_clear(arena_heads(&sync_.pages, PAGE_BUCKETS),
				  PAGE_BUCKETS * sizeof(u32));
	rows_each(TABLE_sync, relink);
	sync_.inherited = sync_.serial;
}
