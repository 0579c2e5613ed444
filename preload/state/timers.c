/* SPDX-License-Identifier: MIT */
/*
 * Owns: the timer table, by (kind, id). Doesn't: call the kernel, write lines. See timers.h.
 */
#include "state/timers.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "state/sites.h"
#include "state/stacks.h"

enum { BUCKETS = 1024 };

static struct {
	unsigned lock;
	u32 serial;
	u32 buckets; /* offset in the state / 64 */
} APART timers;

static u32 *bucket(u32 kind, u64 id)
{
	u32 *heads = arena_heads(&timers.buckets, BUCKETS);

	return heads ? &heads[((u32)(id ^ id >> 32) * 2654435761u + kind) % BUCKETS] : NULL;
}

struct st_timer *timer_row(u32 row)
{
	struct st_timer *m = row ? row_get(TABLE_timer, row) : NULL;

	return m && m->serial ? m : NULL;
}

u32 timer_find(enum timer_kind kind, u64 id)
{
	u32 *b = timers.buckets ? bucket(kind, id) : NULL,
	    i = b ? __atomic_load_n(b, __ATOMIC_ACQUIRE) : 0;

	for (int steps = 0; i && steps < 100000; steps++) {
		struct st_timer *m = row_get(TABLE_timer, i);

		if (!m)
			return 0;
		if (m->serial && m->kind == (u32)kind && m->id == id && !m->died)
			return i;
		i = m->next;
	}
	return 0;
}

/* Called with timers.lock held. */
static void end_row(u32 i)
{
	struct st_timer *m = row_get(TABLE_timer, i);
	struct st_site *s = site_get(m->site);
	u32 *b = bucket(m->kind, m->id);

	while (b && *b && *b != i)
		b = &((struct st_timer *)row_get(TABLE_timer, *b))->next;
	if (b && *b == i)
		*b = m->next;
	m->died = clock_coarse();
	__atomic_fetch_or(&m->flags, MF_DELETED, __ATOMIC_RELAXED);
	if (s && m->flags & MF_RETURNED)
		__atomic_fetch_sub(&s->returned, 1, __ATOMIC_RELAXED);
	site_died(m->site, m->died);
	__atomic_fetch_sub(&state->timers_live, 1, __ATOMIC_RELAXED);
	row_free(TABLE_timer, i);
}

static void count_born(void)
{
	u32 n = __atomic_add_fetch(&state->timers_live, 1, __ATOMIC_RELAXED);

	if (n > state->timers_peak)
		state->timers_peak = n;
}

/* ---- what it is armed for
 * -------------------------------------------------------------------------------------------------
 */

enum { ACTS = 16 }; /* looked at after an arming */

static void then(struct st_timer *m, const struct timer_act *a)
{
	u32 flags = m->flags;

	if (!m->then_call) {
		m->then_call = a->call;
		m->then_kind = a->kind;
		m->then_addr = a->addr;
	}
	if (a->what == THEN_RECEIVES)
		flags |= MF_RECEIVED;
	if (a->what != THEN_SENDS && a->sp < m->creator_cfa)
		flags |= MF_INSIDE;
	__atomic_fetch_or(&m->flags, flags, __ATOMIC_RELAXED);
}

static struct st_timer *armed_last(const struct thread *t)
{
	struct st_timer *m = timer_row(t->armed.timer);

	return m && m->thread == t->serial && !m->died ? m : NULL;
}

void timer_then(struct thread *t, const struct timer_act *a)
{
	struct st_timer *m = armed_last(t);

	if (m)
		then(m, a);
	if (!m || a->what == THEN_RECEIVES || ++t->armed.acts >= ACTS)
		frame_watch_all(t, 0);
}

/* A wait that found its token at once was not looked at, but left its traces in the live row
 * (wait_bare). */
static void bare_wait(struct thread *t)
{
	struct st_timer *m = t->armed.timer ? armed_last(t) : NULL;
	struct st_live *l = t->live;
	struct timer_act a = {THEN_RECEIVES, CALL_sem_wait, 0, 0, 0};

	if (!m || !l || l->wait_call != CALL_none || !l->wait_sp || !l->wait_addr)
		return;
	a.addr = l->wait_addr;
	a.sp = (uintptr_t)l->wait_sp;
	then(m, &a);
}

/* The frame is where it was when the last one was made, and nobody was seen to leave it. */
static void lasted(struct thread *t, const struct st_timer *now)
{
	struct st_timer *m = timer_row(t->armed.last);

	if (m && m != now && m->thread == t->serial && m->stack == now->stack &&
	    m->creator_cfa == now->creator_cfa && !(m->flags & MF_RETURNED))
		__atomic_fetch_or(&m->flags, MF_LASTED, __ATOMIC_RELAXED);
}

static void watch_what_for(struct thread *t, u32 row)
{
	bare_wait(t);
	lasted(t, timer_row(row));
	frame_watch_all(t, row);
	if (t->live && t->live->wait_call == CALL_none)
		t->live->wait_sp = 0;
}

void timer_with(u32 row, int work, u32 kind)
{
	struct st_timer *m = timer_row(row);

	if (!m || m->flags & MF_WITH_WORK)
		return;
	m->with = (u32)work + 1;
	m->with_kind = kind;
	__atomic_fetch_or(&m->flags, MF_WITH_WORK, __ATOMIC_RELAXED);
}

void timers_with(int epoll, int work, u32 kind)
{
	u32 n = state->table[TABLE_timer].used;

	for (u32 i = 1; i < n; i++) {
		struct st_timer *m = timer_row(i);

		if (m && m->epoll == (u32)epoll + 1)
			timer_with(i, work, kind);
	}
}

/* ---- births and deaths
 * ----------------------------------------------------------------------------------------------------
 */

u32 timer_born(struct thread *t, const struct timer_birth *b)
{
	uintptr_t slot = 0;
	u32 stack = stack_here_slot(t, &slot), i, *h;
	struct lock_guard g = lock_acquire(&timers.lock);
	struct st_timer *m;

	i = timer_find(b->kind, b->id);
	if (i)
		end_row(i); /* its deletion was not seen */
	h = bucket(b->kind, b->id);
	i = h ? row_new(TABLE_timer) : UINT32_MAX;
	if (i == UINT32_MAX) {
		lock_release(&g);
		return 0;
	}
	m = row_get(TABLE_timer, i);
	m->kind = b->kind;
	m->id = b->id;
	m->notify = b->notify;
	m->signo = b->signo;
	m->clock = b->clock;
	m->function = b->function;
	m->thread = t->serial;
	m->stack = stack;
	m->born = clock_coarse();
	m->creator_cfa = slot;
	m->site = site_born(SITE_timer, b->kind, stack, t->serial, m->born);
	m->next = *h;
	__atomic_store_n(&m->serial, ++timers.serial, __ATOMIC_RELEASE);
	__atomic_store_n(h, i, __ATOMIC_RELEASE);
	count_born();
	lock_release(&g);
	t->timers_made++;
	frame_watch_add(t, slot, i);
	return i;
}

void timer_armed(struct thread *t, u32 row, u64 value, u64 interval)
{
	struct st_timer *m = timer_row(row);
	struct st_site *s;
	u32 flags;

	if (!m)
		return;
	flags = m->flags & ~(u32)(MF_ARMED | MF_PERIODIC);
	if (value) {
		flags |= MF_ARMED | (interval ? MF_PERIODIC : 0);
		m->arms++;
		m->value = value;
		m->interval = interval;
		m->armed = clock_now();
		m->arm_stack = stack_here(t);
		s = site_get(m->site);
		if (s && interval && (!s->period_ns || interval < s->period_ns))
			s->period_ns = interval;
	}
	m->flags = flags;
	if (value && !interval && m->arms == 1 && m->thread == t->serial)
		watch_what_for(t, row);
}

void timer_died(u32 row)
{
	struct thread *t = thread_self;
	struct lock_guard g;

	if (!timer_row(row))
		return;
	if (t && t->armed.timer == row)
		frame_watch_all(t, 0);
	g = lock_acquire(&timers.lock);
	if (timer_row(row))
		end_row(row);
	lock_release(&g);
}

void timer_took(u32 row, u64 n)
{
	struct st_timer *m = timer_row(row);

	if (m)
		__atomic_fetch_add(&m->consumed, n, __ATOMIC_RELAXED);
}

void timer_fd_read(int fd, u64 expirations)
{
	u32 row = timer_find(TIMER_timerfd, (u64)fd);
	struct st_timer *m = timer_row(row);

	if (!m)
		return;
	timer_took(row, expirations);
	if (!(m->flags & MF_CONSUMED))
		__atomic_fetch_or(&m->flags, MF_CONSUMED, __ATOMIC_RELAXED);
}

void timer_signal_taken(int signo)
{
	u32 n = state->table[TABLE_timer].used;

	for (u32 i = 1; i < n; i++) {
		struct st_timer *m = timer_row(i);

		if (m && m->kind != TIMER_timerfd && m->signo == (u32)signo && m->flags & MF_ARMED)
			timer_took(i, 1);
	}
}

void timer_returned(u32 row, u32 thread)
{
	struct st_timer *m = timer_row(row);
	struct st_site *s;

	if (!m || m->thread != thread ||
	    __atomic_fetch_or(&m->flags, MF_RETURNED, __ATOMIC_RELAXED) & MF_RETURNED)
		return;
	s = site_get(m->site);
	if (s)
		__atomic_fetch_add(&s->returned, 1, __ATOMIC_RELAXED);
}

uintptr_t timers_returned_below(u32 thread, uintptr_t sp)
{
	u32 n = state->table[TABLE_timer].used;
	uintptr_t least = UINTPTR_MAX;

	for (u32 i = 1; i < n; i++) {
		struct st_timer *m = timer_row(i);

		if (!m || m->thread != thread || !m->creator_cfa || m->flags & MF_RETURNED)
			continue;
		if (m->creator_cfa < sp)
			timer_returned(i, thread);
		else if (m->creator_cfa < least)
			least = m->creator_cfa;
	}
	return least;
}

void timers_thread_ended(u32 thread)
{
	u32 n = state->table[TABLE_timer].used;

	timers_returned_below(thread, UINTPTR_MAX);
	for (u32 i = 1; i < n; i++) {
		struct st_timer *m = timer_row(i);

		if (m && m->thread == thread)
			__atomic_fetch_or(&m->flags, MF_CREATOR_ENDED, __ATOMIC_RELAXED);
	}
}

static void relink(u32 i, void *row)
{
	struct st_timer *m = row;
	u32 *b = bucket(m->kind, m->id);

	if (!b)
		return;
	m->next = *b;
	*b = i;
}

void timers_fork_child(void)
{
	u32 n = state->table[TABLE_timer].used;

	timers.lock = 0;
	if (arena_torn()) {
		if (timers.buckets)
			memset((char *)state + (size_t)timers.buckets * 64, 0,
			       BUCKETS * sizeof(u32));
		rows_each(TABLE_timer, relink);
	}
	for (u32 i = 1; i < n; i++) {
		struct st_timer *m = timer_row(i);

		if (m && m->kind != TIMER_timerfd)
			end_row(i);
	}
}
