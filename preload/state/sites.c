/* SPDX-License-Identifier: MIT */
/*
 * Owns: the site table and its growth windows. See sites.h.
 */
#include "state/sites.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/lock.h"

enum { BUCKETS = 1024, RISING_IS_GROWTH = 6 };

static struct {
	unsigned lock;
	u32 buckets; /* offset in the state / 64 */
} APART sites;

static u32 *bucket(u32 kind, u32 stack)
{
	u32 *heads = arena_heads(&sites.buckets, BUCKETS);

	return heads ? &heads[(stack * 2654435761u + kind) % BUCKETS] : NULL;
}

struct st_site *site_get(u32 site)
{
	return site ? row_get(TABLE_site, site) : NULL;
}

static u32 find(u32 *b, u32 kind, u32 sub, u32 stack)
{
	u32 i = __atomic_load_n(b, __ATOMIC_ACQUIRE);

	while (i) {
		struct st_site *s = row_get(TABLE_site, i);

		if (!s)
			return 0;
		if (s->kind == kind && s->stack == stack && s->sub == sub)
			return i;
		i = s->next;
	}
	return 0;
}

static u32 find_or_make(u32 kind, u32 sub, u32 stack, u32 thread, u64 now)
{
	struct lock_guard g;
	u32 *b = sites.buckets ? bucket(kind, stack) : NULL, i = b ? find(b, kind, sub, stack) : 0;

	if (i)
		return i;
	g = lock_acquire(&sites.lock);
	b = bucket(kind, stack);
	i = b ? find(b, kind, sub, stack) : 0;
	if (!i && b) {
		struct st_site *s;

		i = row_new(TABLE_site);
		if (i == UINT32_MAX) {
			i = 0;
		} else {
			s = row_get(TABLE_site, i);
			s->kind = kind;
			s->sub = sub;
			s->stack = stack;
			s->thread = thread;
			s->first = s->last = s->window = now;
			s->window_min = UINT32_MAX;
			s->next = *b;
			__atomic_store_n(&s->serial, i, __ATOMIC_RELEASE);
			__atomic_store_n(b, i, __ATOMIC_RELEASE);
		}
	}
	lock_release(&g);
	return i;
}

/* Closes the window when its time is over. Races lose a count at worst: a window is minutes. */
static void window(struct st_site *s, u32 live, u64 now)
{
	u64 length = (u64)config.growth_window * 1000000000u;

	if (live < s->window_min)
		s->window_min = live;
	if (now < s->window + length)
		return;
	/* `pad` keeps the least of the window before. The first window is the start-up and only
	 * sets the mark. */
	if (s->pad && s->window_min > s->pad)
		s->rising++;
	else
		s->rising = 0;
	if (s->rising >= RISING_IS_GROWTH)
		__atomic_fetch_or(&s->flags, XF_GROWING, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&s->flags, ~XF_GROWING, __ATOMIC_RELAXED);
	s->pad = s->window_min ? s->window_min : 1;
	s->window_min = live;
	s->window = now;
}

u32 site_born(enum site_kind kind, u32 sub, u32 stack, u32 thread, u64 now)
{
	u32 i = find_or_make(kind, sub, stack, thread, now), live;
	struct st_site *s = site_get(i);

	if (!s)
		return 0;
	live = __atomic_add_fetch(&s->made, 1, __ATOMIC_RELAXED) - s->gone;
	if (s->thread != thread && !(s->flags & XF_MANY_THREADS))
		__atomic_fetch_or(&s->flags, XF_MANY_THREADS, __ATOMIC_RELAXED);
	if (live > s->peak && live < UINT32_MAX / 2)
		s->peak = live;
	if (s->batch_now) {
		if (s->batch_now > s->batch)
			s->batch = s->batch_now;
		s->batch_now = 0;
	}
	s->last = now;
	window(s, live, now);
	return i;
}

void site_died(u32 site, u64 now)
{
	struct st_site *s = site_get(site);
	u32 gone;

	if (!s)
		return;
	gone = __atomic_add_fetch(&s->gone, 1, __ATOMIC_RELAXED);
	s->batch_now++;
	if (s->batch_now > s->batch)
		s->batch = s->batch_now;
	window(s, s->made - gone, now);
}

void site_undo(u32 site)
{
	struct st_site *s = site_get(site);

	if (s)
		__atomic_fetch_sub(&s->made, 1, __ATOMIC_RELAXED);
}

u32 site_failed(enum site_kind kind, u32 sub, u32 stack, u32 thread, u64 now)
{
	u32 i = find_or_make(kind, sub, stack, thread, now);
	struct st_site *s = site_get(i);

	if (s)
		__atomic_fetch_add(&s->failed, 1, __ATOMIC_RELAXED);
	return i;
}

void site_unjoined(u32 site, int by)
{
	struct st_site *s = site_get(site);

	if (s)
		__atomic_fetch_add(&s->unjoined, (u32)by, __ATOMIC_RELAXED);
}

static void relink(u32 i, struct st_site *s)
{
	u32 *b = bucket(s->kind, s->stack);

	if (!b)
		return;
	s->next = *b;
	*b = i;
}

void sites_fork_child(void)
{
	u32 n = state->table[TABLE_site].used;

	sites.lock = 0;
	if (arena_torn() && sites.buckets)
		arena_child_clear((char *)state + (size_t)sites.buckets * 64,
				  BUCKETS * sizeof(u32));
	for (u32 i = 1; i < n; i++) {
		struct st_site *s = row_get(TABLE_site, i), was;

		if (!s || !s->serial)
			continue;
		was = *s;
		*s = (struct st_site){.serial = was.serial,
				      .kind = was.kind,
				      .stack = was.stack,
				      .sub = was.sub,
				      .flags = was.flags & XF_LIBRARY,
				      .next = was.next};
		if (arena_torn())
			relink(i, s);
	}
}
