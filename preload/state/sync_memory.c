/* SPDX-License-Identifier: MIT */
/*
 * Owns: the end of objects by their memory: looking up a range page by page, through the filters of
 * sync.h, and giving up what lies in it. Doesn't: keep rows (sync.c). Signal-safe; takes sync_.lock
 * where there is something to end.
 */
#include "base/lock.h"
#include "sync_rows.h"

enum { SWEEP_PAGES = 4096 };

struct range {
	uintptr_t lo, hi;
	u32 newest; /* what was born later is not meant */
	u32 by;
};

/* Does the page's list hold something to end, or nothing at all any more? Without the lock; a list
 * that changed meanwhile is a yes. */
static bool page_worth_locking(uintptr_t page, const struct range *r)
{
	u32 before = __atomic_load_n(&sync_.changes, __ATOMIC_ACQUIRE), same = 0,
	    *p = sync_page(page), i;

	for (i = p ? __atomic_load_n(p, __ATOMIC_ACQUIRE) : 0; i && same < 10000;) {
		struct st_sync *s = row_get(TABLE_sync, i);

		if (!s || (s->addr >= r->lo && s->addr < r->hi))
			return true;
		same += (s->addr >> 12) % PAGE_FILTER_BITS == page % PAGE_FILTER_BITS;
		i = s->page_next;
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !same || before & 1 || __atomic_load_n(&sync_.changes, __ATOMIC_RELAXED) != before;
}

static void page_gone(uintptr_t page, const struct range *r)
{
	struct lock_guard g = lock_acquire(&sync_.lock);
	u32 *p = sync_page(page), i = p ? *p : 0, left = 0;

	while (i) {
		struct st_sync *s = row_get(TABLE_sync, i);
		u32 next = s->page_next;

		if (s->addr >= r->lo && s->addr < r->hi && s->serial <= r->newest)
			sync_row_gone(i, r->by);
		else
			left += (s->addr >> 12) % PAGE_FILTER_BITS == page % PAGE_FILTER_BITS;
		i = next;
	}
	if (!left)
		__atomic_fetch_and(&page_filter[page / 64 % (PAGE_FILTER_BITS / 64)],
				   ~(1ull << page % 64), __ATOMIC_RELAXED);
	lock_release(&g);
}

u32 sync_newest(void)
{
	return __atomic_load_n(&sync_.serial, __ATOMIC_ACQUIRE);
}

/* The first page from `page` to `last` that may hold an object; more than `last`: none. */
static uintptr_t page_next(uintptr_t page, uintptr_t last)
{
	for (; page <= last; page++) {
		/* Sixty-four pages without an object at a look. */
		if (page % 64 == 0 && last - page >= 64 &&
		    !page_filter[page / 64 % (PAGE_FILTER_BITS / 64)])
			page += 63;
		else if (page_may_hold(page << 12))
			break;
	}
	return page;
}

static uintptr_t last_page(uintptr_t addr, size_t size)
{
	uintptr_t page = addr >> 12, last = (addr + (size ? size - 1 : 0)) >> 12;

	return last - page > SWEEP_PAGES * 64 ? page + SWEEP_PAGES * 64 : last;
}

void sync_memory_gone_before(struct thread *t, uintptr_t addr, size_t size, u32 newest)
{
	uintptr_t last = last_page(addr, size);
	struct range r = {.lo = addr, .hi = addr + size, .newest = newest, .by = t ? t->serial : 0};

	if (!state || !sync_.pages)
		return;
	for (uintptr_t page = addr >> 12; (page = page_next(page, last)) <= last; page++)
		if (page_worth_locking(page, &r))
			page_gone(page, &r);
}

void sync_memory_gone(struct thread *t, uintptr_t addr, size_t size)
{
	sync_memory_gone_before(t, addr, size, UINT32_MAX);
}

void sync_each_in(uintptr_t addr, size_t size, void (*fn)(u32 row, struct st_sync *s, void *arg),
		  void *arg)
{
	uintptr_t last = last_page(addr, size);

	if (!state || !sync_.pages)
		return;
	for (uintptr_t page = addr >> 12; (page = page_next(page, last)) <= last; page++) {
		u32 *p = sync_page(page), i = p ? __atomic_load_n(p, __ATOMIC_ACQUIRE) : 0;
		struct st_sync *s;

		for (int n = 0; i && n < 10000 && (s = row_get(TABLE_sync, i)); n++) {
			u32 next = s->page_next;

			if (s->addr >= addr && s->addr < addr + size && s->serial && !s->died &&
			    s->addr >> 12 == page)
				fn(i, s, arg);
			i = next;
		}
	}
}
