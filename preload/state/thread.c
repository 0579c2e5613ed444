/* SPDX-License-Identifier: MIT */
/*
 * Owns: births and ends of threads, their rows, the wait record. Doesn't: call the pthread library,
 * write lines. Signal-safe; the thread table's hash is guarded by threads.lock (outside table
 * locks).
 */
#include "state/thread.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "state/order.h"
#include "state/handles.h"
#include "state/sites.h"
#include "state/sync.h"
#include "state/timers.h"

enum { BUCKETS = 4096, TIDS = 4096 };

__thread struct thread *thread_self TLS_IE;
__thread bool thread_gone TLS_IE;

static struct {
	unsigned lock;
	u32 buckets; /* offset in the state / 64 */
	u32 serial;
	u32 left;     /* counts removals from chains */
	u32 unjoined; /* thread_alone() */
	u64 first_started;
	u32 tids[TIDS]; /* hint: tid → live row */
} APART threads;

static u32 *bucket(u64 pthread)
{
	u32 *heads = arena_heads(&threads.buckets, BUCKETS);

	return heads ? &heads[(pthread >> 12 ^ pthread >> 24) % BUCKETS] : NULL;
}

/* Creator and child both say it, whoever comes first: the creator may join at once, the child may
 * be gone before its creator looks. */
void thread_bind(u32 i, u32 serial, u64 pthread)
{
	struct st_thread *row = row_get(TABLE_thread, i);
	struct lock_guard g = lock_acquire(&threads.lock);
	u32 *b = bucket(pthread);

	if (b && row->serial == serial && !row->pthread) {
		row->pthread = pthread;
		row->next = *b;
		__atomic_store_n(b, i, __ATOMIC_RELEASE);
	}
	lock_release(&g);
}

static void hash_remove(u32 i, struct st_thread *row)
{
	struct lock_guard g = lock_acquire(&threads.lock);
	u32 *b = bucket(row->pthread);

	while (b && *b && *b != i) {
		struct st_thread *r = row_get(TABLE_thread, *b);

		b = r ? &r->next : NULL;
	}
	if (b && *b == i)
		__atomic_store_n(b, row->next, __ATOMIC_RELEASE);
	__atomic_fetch_add(&threads.left, 1, __ATOMIC_RELEASE);
	lock_release(&g);
}

/* pthread_t values are reused: the newest bearer comes first in its chain. */
static u32 find(u64 pthread)
{
	u32 *b = threads.buckets ? bucket(pthread) : NULL,
	    i = b ? __atomic_load_n(b, __ATOMIC_ACQUIRE) : 0;

	for (int steps = 0; i && steps < 100000; steps++) {
		struct st_thread *r = row_get(TABLE_thread, i);

		if (!r)
			return 0;
		if (r->serial && r->pthread == pthread && !(r->flags & TF_JOINED))
			return i;
		i = r->next;
	}
	return 0;
}

/* Without the lock, unless somebody left a chain meanwhile: his row may have led us into another
 * one. */
u32 thread_find(u64 pthread)
{
	u32 left = __atomic_load_n(&threads.left, __ATOMIC_ACQUIRE), i = find(pthread);
	struct lock_guard g;

	if (i || left == __atomic_load_n(&threads.left, __ATOMIC_ACQUIRE))
		return i;
	g = lock_acquire(&threads.lock);
	i = find(pthread);
	lock_release(&g);
	return i;
}

u32 thread_find_serial(u32 serial)
{
	u32 n = state->table[TABLE_thread].used;

	for (u32 i = 1; serial && i < n; i++) {
		struct st_thread *r = row_get(TABLE_thread, i);

		if (r && r->serial == serial)
			return i;
	}
	return 0;
}

struct st_live *live_find_tid(u32 tid)
{
	struct st_live *l = row_get(TABLE_live, threads.tids[tid % TIDS]);
	u32 n = state->table[TABLE_live].used;

	if (l && l->tid == tid && l->thread)
		return l;
	for (u32 i = 1; tid && i < n; i++) {
		l = row_get(TABLE_live, i);
		if (l && l->thread && l->tid == tid)
			return l;
	}
	return NULL;
}

bool live_each(bool (*fn)(struct st_live *, void *), void *arg)
{
	u32 n = state->table[TABLE_live].used;

	for (u32 i = 1; i < n; i++) {
		struct st_live *l = row_get(TABLE_live, i);

		if (l && l->thread && fn(l, arg))
			return true;
	}
	return false;
}

struct waiter {
	u32 call;
	u64 addr;
	struct st_live *found;
};
static bool waits(struct st_live *l, void *arg)
{
	struct waiter *w = arg;

	if (l->wait_call != w->call || l->wait_addr != w->addr)
		return false;
	w->found = l;
	return true;
}

struct st_live *live_waiting(u32 call, u64 addr)
{
	struct waiter w = {.call = call, .addr = addr};

	return live_each(waits, &w) ? w.found : NULL;
}

struct thread *thread_new(struct thread *parent, u32 stack, u32 flags)
{
	struct thread *t = arena_private(sizeof(*t));
	u32 i;

	if (!t)
		return NULL;
	i = row_new(TABLE_thread);
	t->live_index = row_new(TABLE_live);
	if (i == UINT32_MAX || t->live_index == UINT32_MAX) {
		if (i != UINT32_MAX)
			row_free(TABLE_thread, i);
		if (t->live_index != UINT32_MAX)
			row_free(TABLE_live, t->live_index);
		arena_private_free(t, sizeof(*t));
		return NULL;
	}
	t->row_index = i;
	t->row = row_get(TABLE_thread, i);
	t->live_kept = row_get(TABLE_live, t->live_index);
	t->frame_watch = t->watch_lost = UINTPTR_MAX;
	t->serial = __atomic_add_fetch(&threads.serial, 1, __ATOMIC_RELAXED);
	t->row->parent = parent ? parent->serial : 0;
	t->row->stack = stack;
	t->row->flags = flags;
	t->row->born = clock_now();
	t->row->live = t->live_index;
	t->row->site = site_born(SITE_thread, 0, stack, t->row->parent, t->row->born);
	__atomic_store_n(&t->row->serial, t->serial, __ATOMIC_RELEASE);
	__atomic_fetch_add(&state->threads_made, 1, __ATOMIC_RELAXED);
	if (!(flags & TF_MAIN)) {
		__atomic_fetch_add(&threads.unjoined, 1, __ATOMIC_RELAXED);
		if (!threads.first_started)
			threads.first_started = clock_coarse();
	}
	order_thread_born(parent, t);
	return t;
}

u64 thread_first_started(void)
{
	return threads.first_started;
}

bool thread_alone(void)
{
	return !__atomic_load_n(&threads.unjoined, __ATOMIC_RELAXED);
}

void thread_joined(struct thread *t, const struct st_thread *row)
{
	order_thread_joined(t, row);
	__atomic_fetch_sub(&threads.unjoined, 1, __ATOMIC_RELAXED);
}

static void free_live(struct thread *t)
{
	struct st_live *l = t->live_kept;

	t->live = NULL;
	if (!l)
		return;
	__atomic_store_n(&l->thread, 0, __ATOMIC_RELEASE);
	t->live_kept = NULL;
	t->row->live = 0;
	row_free(TABLE_live, t->live_index);
}

void thread_discard(struct thread *t)
{
	site_undo(t->row->site);
	if (!(t->row->flags & TF_MAIN))
		__atomic_fetch_sub(&threads.unjoined, 1, __ATOMIC_RELAXED);
	free_live(t);
	order_thread_discarded(t);
	row_free(TABLE_thread, t->row_index);
	__atomic_fetch_sub(&state->threads_made, 1, __ATOMIC_RELAXED);
	arena_private_free(t, sizeof(*t));
}

static void stack_bounds(struct thread *t)
{
	/* Set by the creator where it is known (wrap/thread.c); a thread found running has none,
	 * and is walked with probes. */
	t->stack_lo = t->row->stack_lo;
	t->stack_hi = t->row->stack_hi;
}

void thread_begin(struct thread *t)
{
	struct st_live *l = t->live_kept;
	struct thread *before;

	t->tid = (u32)sys_gettid();
	t->row->tid = t->tid;
	stack_bounds(t);
	l->tid = t->tid;
	l->wait_fd = -1;
	threads.tids[t->tid % TIDS] = t->live_index;
	__atomic_fetch_add(&state->threads_live, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&l->thread, t->serial, __ATOMIC_RELEASE);
	t->live = l;
	before = __atomic_exchange_n(&thread_self, t, __ATOMIC_RELAXED);
	if (before && before != t) { /* a signal handler that came first had itself adopted */
		__atomic_fetch_sub(&state->threads_live, 1, __ATOMIC_RELAXED);
		if (before->row->pthread)
			hash_remove(before->row_index, before->row);
		thread_discard(before);
	}
}

/* Born detached: nobody gives it up, but its handle is free now. */
static void handle_ends(const struct st_thread *row)
{
	struct handle h;

	if ((row->flags & (TF_DETACHED | TF_ADOPTED)) != TF_DETACHED ||
	    handle_find(row->pthread, row->serial, &h))
		return;
	h = (struct handle){.pthread = row->pthread,
			    .serial = row->serial,
			    .birth = row->stack,
			    .how = HANDLE_DETACHED};
	handle_given_up(&h);
}

void thread_end(struct thread *t)
{
	struct st_thread *row = t->row;
	u32 i = t->row_index, flags;

	lock_section_enter();
	row->ended = clock_now();
	handle_ends(row);
	if (t->timers_made)
		timers_thread_ended(t->serial);
	if (!(row->flags & (TF_ADOPTED | TF_MAIN)))
		sync_memory_gone(t, row->stack_lo, row->stack_hi - row->stack_lo);
	free_live(t);
	thread_self = NULL;
	thread_gone = true;
	order_thread_ended(t);
	__atomic_fetch_sub(&state->threads_live, 1, __ATOMIC_RELAXED);
	arena_private_free(t, sizeof(*t));
	flags = __atomic_fetch_or(&row->flags, TF_ENDED, __ATOMIC_ACQ_REL);
	if (flags & (TF_DETACHED | TF_JOINED))
		thread_reap(i);
	else
		site_unjoined(row->site, 1);
	lock_section_leave();
}

void thread_reap(u32 i)
{
	struct st_thread *row = row_get(TABLE_thread, i);

	if (!row || !row->serial)
		return;
	lock_section_enter();
	site_died(row->site, clock_coarse());
	if (row->pthread)
		hash_remove(i, row);
	order_thread_reaped(row);
	row_free(TABLE_thread, i);
	lock_section_leave();
}

/* Of the threads in the copied rows only the caller exists here, under a new record: its private
 * one was wiped. */
struct thread *thread_fork_child(u64 pthread)
{
	u32 n = state->table[TABLE_thread].used, nlive = state->table[TABLE_live].used;
	u64 lo = 0, hi = 0, now = clock_now();
	struct thread *t;

	threads.lock = threads.unjoined = 0;
	threads.first_started = 0;
	handles_fork_child();
	order_fork_child();
	arena_child_clear(threads.tids, sizeof(threads.tids));
	if (threads.buckets)
		arena_child_clear((char *)state + (size_t)threads.buckets * 64,
				  BUCKETS * sizeof(u32));
	for (u32 i = 1; i < n; i++) {
		struct st_thread *r = row_get(TABLE_thread, i);

		if (!r || !r->serial)
			continue;
		if (r->serial >
		    threads
			.serial) /* the shared tables may be younger than our copy of the counter */
			threads.serial = r->serial;
		if (r->pthread == pthread && !(r->flags & TF_ENDED))
			lo = r->stack_lo, hi = r->stack_hi;
		r->flags |= TF_FORKED;
		r->ended = r->ended ? r->ended : now;
		r->live = r->next = 0;
	}
	for (u32 i = 1; i < nlive; i++) {
		struct st_live *l = row_get(TABLE_live, i);

		if (l && l->thread)
			row_free(TABLE_live, i);
	}
	state->threads_live = 0;
	t = thread_new(NULL, 0, TF_MAIN | TF_ADOPTED);
	if (t) {
		t->row->stack_lo = lo;
		t->row->stack_hi = hi;
	}
	return t;
}

void thread_pause(struct thread *t)
{
	t->live = NULL;
}
void thread_resume(struct thread *t)
{
	if (!t->vforked)
		t->live = t->live_kept;
}

/* ---- waits
 * ----------------------------------------------------------------------------------------------------------
 */

static bool on_own_stack(const struct thread *t, uintptr_t sp)
{
	return t->stack_hi && sp >= t->stack_lo && sp < t->stack_hi;
}

void wait_begin(struct thread *t, struct wait_outer *o, const struct wait *w, uintptr_t pc,
		uintptr_t sp, u64 since)
{
	struct st_live *l = t->live;

	t->waits++;
	o->nested = l->wait_call != CALL_none && !(on_own_stack(t, sp) && sp >= l->wait_sp);
	if (unlikely(o->nested)) {
		memcpy(&o->w, &l->wait_call, 8);
		o->w.addr = l->wait_addr, o->w.obj = l->wait_obj, o->w.fd = l->wait_fd,
		o->w.stack = l->wait_stack;
		o->w.with = l->wait_with, o->w.pc = l->wait_pc, o->w.sp = l->wait_sp,
		o->w.since = l->wait_since;
		o->w.with_addr = l->wait_with_addr;
	}
	do { /* again, if a handler came between and left its own wait there: its sp is another */
		l->wait_sp = sp;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		l->wait_addr = w->addr;
		l->wait_obj = w->obj;
		l->wait_fd = w->fd;
		l->wait_stack = w->stack;
		l->wait_with = w->with;
		l->wait_with_addr = w->with_addr;
		l->wait_pc = pc;
		l->wait_since = since;
		l->wait_flags = w->flags;
		__atomic_store_n(&l->wait_call, w->call, __ATOMIC_RELEASE);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	} while (unlikely(l->wait_sp != sp));
}

/* So that wait_bare() need not: with no wait under way these say nothing. */
static void wait_blank(struct st_live *l)
{
	__atomic_store_n(&l->wait_call, CALL_none, __ATOMIC_RELEASE);
	l->wait_flags = l->wait_obj = l->wait_stack = l->wait_with = 0;
	l->wait_since = l->wait_with_addr = 0;
	l->wait_fd = -1;
}

void wait_end(struct thread *t, struct wait_outer *o)
{
	struct st_live *l = t->live_kept;

	if (unlikely(!l))
		return;
	if (likely(!o->nested)) {
		wait_blank(l);
		return;
	}
	l->wait_call = CALL_none;
	l->wait_flags = o->w.flags;
	l->wait_addr = o->w.addr, l->wait_obj = o->w.obj, l->wait_fd = o->w.fd,
	l->wait_stack = o->w.stack;
	l->wait_with = o->w.with, l->wait_pc = o->w.pc, l->wait_sp = o->w.sp,
	l->wait_since = o->w.since;
	l->wait_with_addr = o->w.with_addr;
	__atomic_store_n(&l->wait_call, o->w.call, __ATOMIC_RELEASE);
}

u32 wait_left(struct thread *t, uintptr_t sp)
{
	struct st_live *l = t->live;
	u32 call = l->wait_call;

	if (call == CALL_none || !on_own_stack(t, sp) || sp < l->wait_sp)
		return CALL_none;
	wait_blank(l);
	return call;
}

/* ---- frames returned
 * ------------------------------------------------------------------------------------------------
 */

static void watch_least(struct thread *t)
{
	t->frame_watch = t->watch_lost;
	for (int i = 0; i < WATCHES; i++)
		if (t->watches[i].slot && t->watches[i].slot < t->frame_watch)
			t->frame_watch = t->watches[i].slot;
	if (t->armed.timer)
		t->frame_watch = 0;
}

void frame_watch_all(struct thread *t, u32 timer)
{
	t->armed.timer = timer;
	t->armed.acts = 0;
	if (timer)
		t->armed.last = timer;
	watch_least(t);
}

void frame_watch_add(struct thread *t, uintptr_t slot, u32 timer)
{
	uintptr_t lost = t->watches[WATCHES - 1].slot;

	if (!slot || !on_own_stack(t, slot))
		return;
	if (lost && lost < t->watch_lost)
		t->watch_lost = lost;
	memmove(&t->watches[1], &t->watches[0], sizeof(t->watches) - sizeof(t->watches[0]));
	t->watches[0] = (struct frame_watch){.slot = slot, .timer = timer};
	watch_least(t);
}

void frame_watch_check_slow(struct thread *t, uintptr_t sp)
{
	if (!on_own_stack(t, sp))
		return;
	for (int i = 0; i < WATCHES; i++) {
		struct frame_watch *w = &t->watches[i];

		if (!w->slot || w->slot >= sp)
			continue;
		w->slot = 0;
		timer_returned(w->timer, t->serial);
	}
	if (sp > t->watch_lost)
		t->watch_lost = timers_returned_below(t->serial, sp);
	watch_least(t);
}
