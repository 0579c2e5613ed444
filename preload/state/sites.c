/* SPDX-License-Identifier: MIT */
/*
 * Owns: the site table and its growth windows. See sites.h.
 */
#include "state/sites.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/lock.h"

enum { BUCKETS = 1024, RISING_IS_GROWTH = 6, DAY = 144 /* windows */ };

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

/* A day of windows is over: what was high then counts for one more day. */
static void new_day(struct st_site *s)
{
	s->high_before = s->high;
	s->high = 0;
	s->windows = 0;
}

/*
 * A window is over. Its least count rises if it is a new high: above that of every window of the
 * last days, so that a saw or the second morning of a daily cycle is none. The site's first
 * window is its start-up and only sets the mark.
 */
static void close_window(struct st_site *s, u64 now)
{
	u32 high = s->high > s->high_before ? s->high : s->high_before;

	if (high && s->window_min > high) {
		if (!s->rising++)
			s->rise_began = s->window;
	} else {
		s->rising = 0;
	}
	if (s->rising >= RISING_IS_GROWTH)
		__atomic_fetch_or(&s->flags, XF_GROWING, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&s->flags, ~XF_GROWING, __ATOMIC_RELAXED);
	if (!s->window_min)
		s->window_min = 1;
	if (s->window_min > s->high)
		s->high = s->window_min;
	if (++s->windows >= DAY)
		new_day(s);
	s->window = now;
}

/*
 * `before` were alive until now, `live` are from now on. Closes the window when its time is over;
 * one in which nothing happens is longer, and that growth has come to an end there is for the
 * reader to see (growth.c). Races lose a count at worst: a window is minutes.
 */
static void window(struct st_site *s, u32 before, u32 live, u64 now)
{
	if (now >= s->window + (u64)config.growth_window * 1000000000u) {
		if (before < s->window_min)
			s->window_min = before;
		close_window(s, now);
		s->window_min = before;
	}
	if (live < s->window_min)
		s->window_min = live;
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
	window(s, live - 1, live, now);
	return i;
}

void site_died(u32 site, u64 now)
{
	struct st_site *s = site_get(site);
	u32 gone, live;

	if (!s)
		return;
	gone = __atomic_add_fetch(&s->gone, 1, __ATOMIC_RELAXED);
	s->batch_now++;
	if (s->batch_now > s->batch)
		s->batch = s->batch_now;
	live = s->made - gone;
	window(s, live + 1, live, now);
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
