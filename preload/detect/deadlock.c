/* SPDX-License-Identifier: MIT */
/*
 * Owns: the walk over the wait-for graph. Every edge is one that must be resolved for the waiter to go on (the owner of a mutex, each holder of
 * an rwlock, the thread to be joined), so any way back to the start is a deadlock, whatever other edges there are.
 * glibc's owner field is the hint for mutexes (it is there for locks taken before we came, too); our own books tell who reads an rwlock.
 * A ring is believed when a second look at each of its edges finds the same wait: its members can't have moved in between and come back,
 * since each was registered as blocked on what another member still owned.
 */
#include "detect/deadlock.h"

#include <pthread.h>

#include "base/lock.h"
#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

enum { DEPTH = 32, STEPS = 2000, TOLD = 16 };

struct waiting {
	u64 addr;
	u32 call;
};
struct walk {
	struct st_live *path[DEPTH];
	struct waiting wait[DEPTH]; /* what path[i] waited for when it was looked at */
	int depth, steps;
};

struct st_live *mutex_holder(u64 addr)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)addr;

	return live_find_tid((u32)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED) & 0x3fffffff);
}

static bool search(struct walk *w, struct st_live *l);

/* path[depth - 1] waits for `next`. */
static bool follow(struct walk *w, struct st_live *next)
{
	if (!next || ++w->steps > STEPS)
		return false;
	if (next == w->path[0])
		return true;
	for (int i = 1; i < w->depth; i++)
		if (w->path[i] == next)
			return false;
	return search(w, next);
}

struct holders {
	struct walk *w;
	u64 addr;
	bool readers; /* a reader blocks us too */
};

static bool rwlock_holder(struct st_live *l, void *arg)
{
	struct holders *h = arg;
	struct st_held *e = held_find(l, h->addr);

	if (!e || (e->mode == HELD_READ && !h->readers))
		return false;
	return follow(h->w, l);
}

static bool spin_holder(struct st_live *l, void *arg)
{
	struct holders *h = arg;

	return held_find(l, h->addr) && follow(h->w, l);
}

static struct st_live *joined_thread(u32 serial)
{
	u32 i = thread_find_serial(serial);
	struct st_thread *r = i ? row_get(TABLE_thread, i) : NULL;

	return r && !(r->flags & TF_ENDED) ? row_get(TABLE_live, r->live) : NULL;
}

/* What the thread waits for now: its wait record, or the lock it is in the act of taking. False if it can go on by itself. */
static bool waits_for(struct st_live *l, struct waiting *w)
{
	u64 both = __atomic_load_n((u64 *)(void *)&l->nheld, __ATOMIC_ACQUIRE);
	u32 n = (u32)both;

	w->call = __atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE);
	w->addr = l->wait_addr;
	if (w->call != CALL_none)
		return !(l->wait_flags & (WF_TIMED | WF_NONBLOCK));
	if (!(both >> 32) || n >= HELD_MAX || l->held[n].mode != HELD_MUTEX)
		return false;
	w->call = CALL_mutex_lock;
	w->addr = l->held[n].addr;
	return mutex_holder(w->addr) != l;
}

static bool search(struct walk *w, struct st_live *l)
{
	struct waiting what;
	struct holders h;
	bool found = false;
	u32 call;

	if (w->depth == DEPTH || !waits_for(l, &what))
		return false;
	call = what.call;
	h = (struct holders){.w = w, .addr = what.addr};
	w->path[w->depth] = l;
	w->wait[w->depth++] = what;
	switch (call) {
	case CALL_mutex_lock:
		found = follow(w, mutex_holder(what.addr));
		break;
	case CALL_rwlock_rdlock:
	case CALL_rwlock_wrlock:
		h.readers = call == CALL_rwlock_wrlock;
		found = live_each(rwlock_holder, &h);
		break;
	case CALL_spin_lock:
	case CALL_once:
	case CALL_cxa_guard:
		found = live_each(spin_holder, &h);
		break;
	case CALL_join:
		found = follow(w, joined_thread(l->wait_obj));
		break;
	}
	if (!found)
		w->depth--;
	return found;
}

static bool still_so(const struct walk *w)
{
	for (int i = 0; i < w->depth; i++) {
		struct st_live *l = w->path[i], *next = w->path[(i + 1) % w->depth];
		struct waiting now;

		if (!l->thread || !waits_for(l, &now) || now.call != w->wait[i].call || now.addr != w->wait[i].addr)
			return false;
		if (now.call == CALL_mutex_lock	  ? mutex_holder(now.addr) != next
		    : now.call == CALL_join ? joined_thread(l->wait_obj) != next
					    : !held_find(next, now.addr))
			return false;
	}
	return true;
}

static struct ring_member member(const struct waiting *w, struct st_live *l, struct st_live *next)
{
	bool registered = l->wait_call != CALL_none;
	struct st_held *h = w->call == CALL_join ? NULL : held_find(next, w->addr);

	return (struct ring_member){.thread = l->thread,
				    .tid = l->tid,
				    .call = w->call,
				    .obj = registered ? l->wait_obj : 0,
				    .addr = w->addr,
				    .wait_stack = registered ? l->wait_stack : l->held[l->nheld % HELD_MAX].stack,
				    .hold_stack = h ? h->stack : 0};
}

/* Two that close the same ring at the same moment both see it: the first one tells. */
static bool told_before(const struct walk *w)
{
	static u64 told[TOLD];
	static u32 next;
	static unsigned lock;
	struct lock_guard g;
	bool before = false;
	u64 ring = 0;

	for (int i = 0; i < w->depth; i++)
		ring += (w->path[i]->thread * 0x9e3779b97f4a7c15ull) ^ w->wait[i].addr;
	g = lock_acquire(&lock);
	for (int i = 0; i < TOLD; i++)
		before |= told[i] == ring;
	if (!before)
		told[next++ % TOLD] = ring;
	lock_release(&g);
	return before;
}

bool deadlock_check(struct thread *t)
{
	struct ring_member ring[DEPTH];
	struct walk w = {0};

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!search(&w, t->live) || !still_so(&w))
		return false;
	if (told_before(&w))
		return true;
	for (int i = 0; i < w.depth; i++)
		ring[i] = member(&w.wait[i], w.path[i], w.path[(i + 1) % w.depth]);
	event_deadlock(t->serial, ring, w.depth);
	return true;
}
