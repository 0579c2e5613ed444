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

#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

enum { DEPTH = 32, STEPS = 2000 };

struct walk {
	struct st_live *path[DEPTH];
	u64 addr[DEPTH]; /* what path[i] waited for when it was looked at */
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

static bool search(struct walk *w, struct st_live *l)
{
	u32 call = __atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE);
	struct holders h = {.w = w, .addr = l->wait_addr};
	bool found = false;

	if (call == CALL_none || (l->wait_flags & (WF_TIMED | WF_NONBLOCK)) || w->depth == DEPTH)
		return false;
	w->path[w->depth] = l;
	w->addr[w->depth++] = l->wait_addr;
	switch (call) {
	case CALL_mutex_lock:
		found = follow(w, mutex_holder(l->wait_addr));
		break;
	case CALL_rwlock_rdlock:
	case CALL_rwlock_wrlock:
		h.readers = call == CALL_rwlock_wrlock;
		found = live_each(rwlock_holder, &h);
		break;
	case CALL_spin_lock:
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
		u32 call = __atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE);

		if (!l->thread || l->wait_addr != w->addr[i])
			return false;
		if (call == CALL_mutex_lock ? mutex_holder(l->wait_addr) != next : call == CALL_none)
			return false;
		if (call == CALL_join ? joined_thread(l->wait_obj) != next : call != CALL_mutex_lock && !held_find(next, l->wait_addr))
			return false;
	}
	return true;
}

bool deadlock_check(struct thread *t)
{
	struct ring_member ring[DEPTH];
	struct walk w = {0};

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!search(&w, t->live) || !still_so(&w))
		return false;
	for (int i = 0; i < w.depth; i++) {
		struct st_live *l = w.path[i], *next = w.path[(i + 1) % w.depth];
		struct st_held *h = l->wait_call == CALL_join ? NULL : held_find(next, l->wait_addr);

		ring[i] = (struct ring_member){.thread = l->thread, .tid = l->tid, .call = l->wait_call, .obj = l->wait_obj,
					       .addr = l->wait_addr, .wait_stack = l->wait_stack, .hold_stack = h ? h->stack : 0};
	}
	event_deadlock(t->serial, ring, w.depth);
	return true;
}
