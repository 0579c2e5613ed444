/* SPDX-License-Identifier: MIT */
/*
 * Owns: when a call on an address is a call on the wrong object. See wrong_kind.h.
 *
 * That an object was made there once and never destroyed proves little: many are never destroyed,
 * and an allocator of the program's own may have given the memory to another since. What proves it
 * is told with the event (`detail`): it is held or waited on just now; its bytes are such as only
 * that kind has; it lies where no memory changes hands. Otherwise the reporter asks for more.
 */
#include "detect/wrong_kind.h"

#include <pthread.h>

#include "state/held.h"
#include "state/stacks.h"
#include "trace/event.h"

static enum sync_kind kind_held(u8 mode)
{
	switch (mode) {
	case HELD_MUTEX:
		return SYNC_mutex;
	case HELD_READ:
	case HELD_WRITE:
		return SYNC_rwlock;
	case HELD_SPIN:
		return SYNC_spin;
	}
	return SYNC_none;
}

static enum sync_kind kind_waited(u32 call)
{
	switch (call) {
	case CALL_mutex_lock:
		return SYNC_mutex;
	case CALL_rwlock_rdlock:
	case CALL_rwlock_wrlock:
		return SYNC_rwlock;
	case CALL_spin_lock:
		return SYNC_spin;
	case CALL_cond_wait:
		return SYNC_cond;
	case CALL_sem_wait:
		return SYNC_sem;
	case CALL_barrier_wait:
		return SYNC_barrier;
	}
	return SYNC_none;
}

/* Who uses it now, as what it is. */
struct user {
	u64 addr;
	enum sync_kind kind;	    /* as this; with `another`, as any lock but this */
	const struct st_live *self; /* does not count as waiting */
	bool another;
	struct st_live *found;
	enum sync_kind as;
	bool waits;
};

static bool is_meant(const struct user *u, enum sync_kind kind)
{
	return kind != SYNC_none && (kind == u->kind) != u->another;
}

static bool uses(struct st_live *l, void *arg)
{
	struct user *u = arg;
	const struct st_held *h = held_find(l, u->addr);
	u32 call = __atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE);

	if (h && is_meant(u, kind_held(h->mode))) {
		u->as = kind_held(h->mode);
	} else if (!u->another && l != u->self && l->wait_addr == u->addr &&
		   is_meant(u, kind_waited(call))) {
		u->as = kind_waited(call);
		u->waits = true;
	} else {
		return false;
	}
	u->found = l;
	return true;
}

/* Bytes that only such an object has, not those that zeros or another kind would be. */
static bool bytes_are(const struct st_sync *s)
{
	const u32 *w = (const u32 *)(uintptr_t)s->addr;
	const pthread_mutex_t *m = (const void *)w;

	switch (s->kind) {
	case SYNC_mutex:
		return m->__data.__kind > 0 && m->__data.__kind < 256 &&
		       s->flags & (SF_RECURSIVE | SF_ERRORCHECK | SF_ADAPTIVE | SF_ROBUST |
				   SF_PRIO_INHERIT | SF_PRIO_PROTECT) &&
		       (u32)m->__data.__lock <= 2;
	case SYNC_barrier:
		return s->value && w[2] == s->value && w[0] - w[1] <= s->value && !w[3];
	case SYNC_sem:
		return w[0] && w[0] <= s->value + s->posts && !w[1] && !w[2];
	}
	return false;
}

/* What keeps the memory from having changed hands unseen; "heap": nothing does. */
static const char *place_of(const struct thread *t, const struct st_sync *s)
{
	if (s->flags & SF_MODULE)
		return "module";
	if (s->flags & SF_STACK && s->frame && s->addr >= t->stack_lo && s->addr < t->stack_hi)
		return "stack";
	return "heap";
}

static const char *const names[SYNC_KINDS] = {
    [SYNC_mutex] = "mutex", [SYNC_rwlock] = "rwlock", [SYNC_spin] = "spinlock",
    [SYNC_cond] = "cond",   [SYNC_sem] = "sem",	      [SYNC_barrier] = "barrier",
    [SYNC_once] = "once",
};

static void tell(struct thread *t, u32 row, const struct user *u, enum sync_kind taken_for,
		 const char *call, const char *detail)
{
	struct st_sync *s = sync_row(row);
	struct st_held *h;
	struct event_misuse e = {.kind = "wrong-object-kind",
				 .call = call,
				 .taken_for = names[taken_for],
				 .detail = detail,
				 .fd = -1,
				 .addr = u->addr,
				 .obj = s ? s->serial : 0};

	if (u->found) {
		h = u->waits ? NULL : held_find(u->found, u->addr);
		e.other = u->found->thread;
		e.other_stack = u->waits		   ? u->found->wait_stack
				: h && u->found == t->live ? stack_of_held(t, h)
				: h			   ? h->stack
							   : 0;
	}
	if (s)
		event_stack(s->stack);
	e.stack = stack_here(t);
	sync_told(row);
	event_misuse(t->serial, &e);
}

/* An object of others, or one whose function has returned. */
static bool is_unsure(const struct thread *t, const struct st_sync *s)
{
	return s->flags & (SF_PSHARED | SF_NAMED | SF_MISUSED) || s->kind == SYNC_once ||
	       sync_frame_gone(t, s);
}

COLD bool wrong_kind_look(struct thread *t, u64 addr, enum sync_kind kind, const char *call)
{
	u32 row = sync_find(addr, kind) ? 0 : sync_find_other(addr, kind);
	const struct st_sync *s = sync_row(row);
	struct user u = {.addr = addr, .self = t->live};
	const char *detail;

	if (likely(!s) || is_unsure(t, s))
		return false;
	u.kind = (enum sync_kind)s->kind;
	if (!uses(t->live, &u))
		live_each(uses, &u);
	if (!u.found && s->flags & SF_STATIC)
		return false; /* made by no call: nobody says when such a one ends */
	detail = u.waits ? "waited" : u.found ? "held" : bytes_are(s) ? "bytes" : place_of(t, s);
	tell(t, row, &u, kind, call, detail);
	return true;
}

COLD bool wrong_kind_waits(struct thread *t, u64 addr, enum sync_kind kind, const char *call)
{
	struct user u = {.addr = addr, .kind = kind, .another = true};

	if (likely(sync_find(addr, kind)) || sync_find_other(addr, kind))
		return false; /* not the first time, or looked at already */
	if (!live_each(uses, &u) && !uses(t->live, &u))
		return false;
	tell(t, sync_see(t, addr, u.as, 0), &u, kind, call, "held");
	return true;
}
