/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of synchronisation objects, the hash by address, the lists by page. Doesn't: order between them (edges), who holds what (held).
 */
#include "state/sync.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "state/edges.h"
#include "state/sites.h"
#include "state/stacks.h"

enum { BUCKETS = 1 << 17, PAGE_BUCKETS = 1 << 14, SWEEP_PAGES = 4096, DEAD_KEPT = 4096 };

u64 page_filter[PAGE_FILTER_BITS / 64];
u32 sync_generations[GENERATIONS];

static struct {
	unsigned lock;
	u32 serial, dead_kept;
	u32 buckets, pages; /* offsets in the state / 64 */
} sync_;

static u32 *array(u32 *offset, u32 n)
{
	if (!*offset) {
		void *p = arena_shared(n * sizeof(u32));

		if (!p)
			return NULL;
		*offset = (u32)(((char *)p - (char *)state) / 64);
	}
	return (u32 *)((char *)state + (size_t)*offset * 64);
}

static u32 *bucket(u64 addr)
{
	u32 *b = array(&sync_.buckets, BUCKETS);

	return b ? &b[(addr >> 3 ^ addr >> 20) * 2654435761u % BUCKETS] : NULL;
}
static u32 *page_bucket(uintptr_t page)
{
	u32 *b = array(&sync_.pages, PAGE_BUCKETS);

	return b ? &b[page % PAGE_BUCKETS] : NULL;
}

struct st_sync *sync_row(u32 row)
{
	return row ? row_get(TABLE_sync, row) : NULL;
}

u32 sync_find(u64 addr, enum sync_kind kind)
{
	u32 *b = sync_.buckets ? bucket(addr) : NULL, i = b ? __atomic_load_n(b, __ATOMIC_ACQUIRE) : 0;

	for (int steps = 0; i && steps < 10000; steps++) {
		struct st_sync *s = row_get(TABLE_sync, i);

		if (!s)
			return 0;
		if (s->addr == addr && s->kind == kind && s->serial && !s->died)
			return i;
		i = s->next;
	}
	return 0;
}

static void unlink_row(u32 i, struct st_sync *s)
{
	u32 *b = bucket(s->addr), *p = page_bucket(s->addr >> 12);

	while (b && *b && *b != i)
		b = &((struct st_sync *)row_get(TABLE_sync, *b))->next;
	if (b && *b == i)
		*b = s->next;
	while (p && *p && *p != i)
		p = &((struct st_sync *)row_get(TABLE_sync, *p))->page_next;
	if (p && *p == i)
		*p = s->page_next;
}

/* Called with sync_.lock held. Its row stays as long as an edge names it (edges_drop gives those up first). */
static void end_row(u32 i, u32 by, u32 stack)
{
	struct st_sync *s = row_get(TABLE_sync, i);

	unlink_row(i, s);
	s->died = clock_coarse();
	s->died_by = by;
	s->died_stack = stack;
	s->flags |= SF_DEAD;
	__atomic_fetch_add(&sync_generations[(s->addr >> 6) % GENERATIONS], 1, __ATOMIC_RELEASE);
	site_died(s->site, s->died);
	edges_drop(s);
	/* What was waited for, or has a name, is kept for the report; the rest makes room. */
	if (!s->waits || sync_.dead_kept >= DEAD_KEPT)
		row_free(TABLE_sync, i);
	else
		sync_.dead_kept++;
}

static u32 begin_row(struct thread *t, u64 addr, const struct sync_birth *b, u32 stack)
{
	u32 i = row_new(TABLE_sync), *h, *p;
	struct st_sync *s;

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
		s->flags |= SF_STACK;
	s->site = site_born(b->kind == SYNC_sem ? SITE_sem : SITE_sync, b->kind, stack, t->serial, s->born);
	h = bucket(addr);
	p = page_bucket(addr >> 12);
	if (!h || !p) {
		row_free(TABLE_sync, i);
		return 0;
	}
	s->page_next = *p;
	*p = i;
	s->next = *h;
	__atomic_store_n(&s->serial, __atomic_add_fetch(&sync_.serial, 1, __ATOMIC_RELAXED), __ATOMIC_RELEASE);
	__atomic_store_n(h, i, __ATOMIC_RELEASE);
	__atomic_fetch_or(&page_filter[(addr >> 12) / 64 % (PAGE_FILTER_BITS / 64)], 1ull << (addr >> 12) % 64, __ATOMIC_RELAXED);
	return i;
}

u32 sync_see(struct thread *t, u64 addr, enum sync_kind kind, u32 flags)
{
	struct sync_birth b = {.kind = kind, .flags = flags | SF_STATIC};
	u32 i = sync_find(addr, kind), stack;
	struct lock_guard g;

	if (i)
		return i;
	stack = stack_here(t);
	g = lock_acquire(&sync_.lock);
	i = sync_find(addr, kind);
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
		end_row(i, t->serial, stack);
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

static void relink(u32 i, void *row)
{
	struct st_sync *s = row;
	u32 *h = bucket(s->addr), *p = page_bucket(s->addr >> 12);

	s->edges = s->in_edges = 0; /* edges_fork_child() is next */
	if (s->died || !h || !p)
		return;
	s->next = *h;
	*h = i;
	s->page_next = *p;
	*p = i;
	__atomic_fetch_or(&page_filter[(s->addr >> 12) / 64 % (PAGE_FILTER_BITS / 64)], 1ull << (s->addr >> 12) % 64, __ATOMIC_RELAXED);
	s->waiters = 0; /* the threads that waited are not here */
}

void sync_fork_child(void)
{
	sync_.lock = 0;
	if (!arena_torn())
		return;
	if (sync_.buckets)
		memset(array(&sync_.buckets, BUCKETS), 0, BUCKETS * sizeof(u32));
	if (sync_.pages)
		memset(array(&sync_.pages, PAGE_BUCKETS), 0, PAGE_BUCKETS * sizeof(u32));
	rows_each(TABLE_sync, relink);
}

static void page_gone(struct thread *t, uintptr_t page, uintptr_t lo, uintptr_t hi)
{
	struct lock_guard g = lock_acquire(&sync_.lock);
	u32 *p = page_bucket(page), i = p ? *p : 0, left = 0;

	while (i) {
		struct st_sync *s = row_get(TABLE_sync, i);
		u32 next = s->page_next;

		if (s->addr >= lo && s->addr < hi)
			end_row(i, t->serial, 0);
		else if (s->addr >> 12 == page)
			left++;
		i = next;
	}
	if (!left && p && !*p)
		__atomic_fetch_and(&page_filter[page / 64 % (PAGE_FILTER_BITS / 64)], ~(1ull << page % 64), __ATOMIC_RELAXED);
	lock_release(&g);
}

void sync_memory_gone(struct thread *t, uintptr_t addr, size_t size)
{
	uintptr_t page = addr >> 12, last = (addr + (size ? size - 1 : 0)) >> 12;

	if (!state || !sync_.pages)
		return;
	if (last - page > SWEEP_PAGES * 64)
		last = page + SWEEP_PAGES * 64;
	for (; page <= last; page++) {
		/* Sixty-four pages without an object at a look. */
		if (page % 64 == 0 && last - page >= 64 && !page_filter[page / 64 % (PAGE_FILTER_BITS / 64)]) {
			page += 63;
			continue;
		}
		if (page_may_hold(page << 12))
			page_gone(t, page, addr, addr + size);
	}
}
