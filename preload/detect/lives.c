/* SPDX-License-Identifier: MIT */
/*
 * Owns: when the use, the birth or the death of an object is a fault. See lives.h. Takes sync.lock
 * through state/sync.h only.
 */
#include "detect/lives.h"
#include "detect/wrong_kind.h"

#include <pthread.h>

#include "state/held.h"
#include "state/stacks.h"
#include "trace/event.h"

static void tell(struct thread *t, u32 row, struct event_misuse *e)
{
	struct st_sync *s = sync_row(row);

	if (s) {
		e->obj = s->serial;
		e->addr = s->addr;
		event_stack(s->stack);
	}
	e->fd = -1;
	e->stack = stack_here(t);
	sync_told(row);
	event_misuse(t->serial, e);
}

/* ---- used after its destroy, or before its init
 * ---------------------------------------------------------------------------------
 */

static void used_after(struct thread *t, u64 addr, enum sync_kind kind, const char *call)
{
	u32 row = sync_find_destroyed(t, addr, kind);
	struct st_sync *s = sync_row(row);
	struct event_misuse e = {.kind = "use-after-destroy", .call = call};

	if (!s)
		return;
	e.other = s->died_by;
	e.other_stack = s->died_stack;
	tell(t, row, &e);
}

COLD void lives_odd(struct thread *t, u64 addr, enum sync_kind kind, const char *call, bool dead)
{
	struct event_misuse e = {.kind = "uninitialised-use", .call = call};

	if (sync_find(addr, kind))
		return; /* alive in our books: others wrote there */
	if (!dead && wrong_kind_waits(t, addr, kind, call))
		return;
	if (dead)
		used_after(t, addr, kind, call);
	else
		tell(t, sync_see(t, addr, kind, 0), &e);
}

/* ---- who uses it now
 * ------------------------------------------------------------------------------------------------------------
 */

struct user {
	u64 addr;
	const struct st_live *self; /* it doesn't count */
	struct st_live *found;
	bool waits;
};

static bool waits_for(const struct st_live *l, u64 addr)
{
	switch (__atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE)) {
	case CALL_mutex_lock:
	case CALL_rwlock_rdlock:
	case CALL_rwlock_wrlock:
	case CALL_spin_lock:
	case CALL_cond_wait:
	case CALL_sem_wait:
	case CALL_barrier_wait:
		return l->wait_addr == addr;
	}
	return false;
}

static bool uses(struct st_live *l, void *arg)
{
	struct user *u = arg;
	const struct st_held *h;

	if (l == u->self)
		return false;
	h = held_find(l, u->addr);
	if (!h && !waits_for(l, u->addr))
		return false;
	u->found = l;
	u->waits = !h;
	return true;
}

/* Somebody else, or, with `own`, the thread itself. */
static bool user_find(struct thread *t, u64 addr, bool own, struct user *u)
{
	*u = (struct user){.addr = addr, .self = t->live};
	if (live_each(uses, u))
		return true;
	if (own && t->live)
		uses((u->self = NULL, t->live), u);
	return u->found != NULL;
}

static void name_user(struct thread *t, struct event_misuse *e, struct st_live *user)
{
	struct st_held *h = held_find(user, e->addr);

	e->detail = h ? "held" : "waited";
	e->other = user->thread;
	e->other_stack = h && user == t->live ? stack_of_held(t, h)
			 : h		      ? h->stack
					      : user->wait_stack;
}

void lives_in_use(struct thread *t, u32 row, const char *call, struct st_live *user,
		  const char *err)
{
	struct event_misuse e = {.kind = "destroy-while-in-use", .call = call, .err = err};
	const struct st_sync *s = sync_row(row);

	if (!s)
		return;
	e.addr = s->addr;
	name_user(t, &e, user);
	tell(t, row, &e);
}

/* ---- initialised anew
 * -----------------------------------------------------------------------------------------------------------
 */

enum { TOLD = 64 };
static u64 told[TOLD];

/* Once a pair of places: a pool that makes its objects anew all the time is told once. */
static bool first_time(u32 before, u32 now)
{
	u64 pair = (u64)before << 32 | now;

	for (int i = 0; i < TOLD; i++) {
		u64 none = 0;

		if (__atomic_load_n(&told[i], __ATOMIC_RELAXED) == pair)
			return false;
		if (__atomic_compare_exchange_n(&told[i], &none, pair, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
		if (none == pair)
			return false;
	}
	return false;
}

/* What was alive there in our books was another object of memory that came and went unseen, or one
 * that others made, or one whose init was not seen (std::mutex has neither that nor a destroy
 * call). */
static bool is_another(const struct thread *t, const struct st_sync *s, bool in_use)
{
	if (s->flags & (SF_PSHARED | SF_NAMED | SF_MISUSED) || sync_inherited(s))
		return true;
	if (s->flags & SF_STACK)
		return !(s->addr >= t->stack_lo && s->addr < t->stack_hi) || !s->frame ||
		       sync_frame_gone(t, s);
	return s->flags & SF_STATIC && !in_use;
}

void lives_init(struct thread *t, u64 addr, enum sync_kind kind)
{
	u32 row = sync_find(addr, kind);
	struct st_sync *s = sync_row(row);
	struct event_misuse e = {.kind = "double-init"};
	struct user u = {0};
	bool in_use;

	if (likely(!s))
		return;
	in_use = user_find(t, addr, true, &u);
	if (is_another(t, s, in_use) || !first_time(s->stack, stack_here(t)))
		return;
	e.addr = addr;
	e.detail = s->flags & SF_MODULE ? "module" : s->flags & SF_STACK ? "stack" : "heap";
	if (in_use)
		name_user(t, &e, u.found);
	tell(t, row, &e);
}

u32 lives_born(struct thread *t, u64 addr, const struct sync_birth *b)
{
	lives_init(t, addr, b->kind);
	return sync_born(t, addr, b);
}

/* ---- memory given back under it
 * -------------------------------------------------------------------------------------------------
 */

enum { SUSPECTS = 4 };
struct going {
	const struct lives_range *range;
	u32 n, row[SUSPECTS];
};

/* libc's own words say that somebody is in it. Not asked where they may not be readable. */
static bool bytes_busy(const struct st_sync *s)
{
	const u32 *w = (const u32 *)(uintptr_t)s->addr;
	const pthread_rwlock_t *rw = (const void *)w;

	switch (s->kind) {
	case SYNC_mutex:
		return w[0] != 0;
	case SYNC_rwlock:
		return rw->__data.__readers >= 8 || rw->__data.__readers & 2;
	case SYNC_spin:
		return (i32)w[0] <= 0;
	case SYNC_cond:
		return s->waiters > s->value;
	case SYNC_sem:
		return s->waiters && !w[0] && w[1];
	case SYNC_barrier:
		return s->waiters && s->value && (w[0] - w[1]) % s->value;
	}
	return false;
}

static bool books_busy(const struct st_sync *s)
{
	return s->kind != SYNC_cond || s->waiters > s->value;
}

static void suspect(u32 row, struct st_sync *s, void *arg)
{
	struct going *g = arg;

	if (s->flags & (SF_PSHARED | SF_NAMED) || sync_inherited(s) || g->n == SUSPECTS)
		return;
	if (g->range->readable ? bytes_busy(s) : books_busy(s))
		g->row[g->n++] = row;
}

/* libc knows a mutex's holder itself: one that was left out of our books is none. */
static bool holder_is(const struct st_sync *s, const struct user *u)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)s->addr;

	return s->kind != SYNC_mutex || u->waits || (u32)m->__data.__owner == u->found->tid;
}

void lives_memory_going(struct thread *t, const struct lives_range *r)
{
	struct going g = {.range = r};

	sync_each_in(r->addr, r->size, suspect, &g);
	for (u32 i = 0; i < g.n; i++) {
		struct st_sync *s = sync_row(g.row[i]);
		struct user u;

		if (s && user_find(t, s->addr, r->own, &u) && (!r->readable || holder_is(s, &u)))
			lives_in_use(t, g.row[i], r->call, u.found, NULL);
	}
}

void lives_stack_going(struct thread *t)
{
	const struct st_thread *row = t->row;
	struct lives_range r = {row->stack_lo, row->stack_hi - row->stack_lo, "thread end", true,
				false};

	if (!(row->flags & (TF_ADOPTED | TF_MAIN)) && row->stack_lo)
		lives_memory_going(t, &r);
}
