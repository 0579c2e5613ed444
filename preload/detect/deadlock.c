/* SPDX-License-Identifier: MIT */
/*
 * Owns: the walk over the wait-for graph. Every edge is one that must be resolved for the waiter to
 * go on (the owner of a mutex, each holder of an rwlock, the thread to be joined), so any way back
 * to the start is a deadlock, whatever other edges there are. Who holds what is asked of our own
 * books: another thread's lock may be freed, and its page gone, while we look. Only of the lock
 * that the caller itself is about to take glibc's owner field is read (it is there for locks taken
 * before we came, too). A ring is believed when a second look at each of its edges finds the same
 * wait: its members can't have moved in between and come back, since each was registered as blocked
 * on what another member still owned. The walk goes breadth first in private memory: the threads it
 * looks for may have very small stacks.
 */
#include "detect/deadlock.h"

#include <pthread.h>

#include "base/lock.h"
#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

enum { NODES = 192, RING = 64, TOLD = 16 };

struct node {
	struct st_live *l;
	u64 addr;	/* what it waited for when it was looked at */
	u32 call, from; /* index of the node that waits for this one */
};
struct walk {
	struct node node[NODES]; /* node[0]: the caller */
	u32 n, at;
	u32 ring[RING]; /* indices; each waits for the next, the last for the first */
	u32 length;
	struct ring_member member[RING];
};

struct st_live *mutex_holder(u64 addr)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)addr;

	return live_find_tid((u32)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED) &
			     0x3fffffff);
}

static bool blocks(u32 call, const struct st_held *e)
{
	switch (call) {
	case CALL_mutex_lock:
	case CALL_cond_wait:
		return e->mode == HELD_MUTEX;
	case CALL_rwlock_rdlock:
		return e->mode == HELD_WRITE;
	case CALL_rwlock_wrlock:
		return e->mode == HELD_WRITE || e->mode == HELD_READ;
	default:
		return true;
	}
}

static struct st_live *joined_thread(u32 serial)
{
	u32 i = thread_find_serial(serial);
	struct st_thread *r = i ? row_get(TABLE_thread, i) : NULL;

	return r && r->live && !(r->flags & TF_ENDED) ? row_get(TABLE_live, r->live) : NULL;
}

/* A join that was cancelled ends, but its record stays until the thread's next wait. */
static bool canceled(const struct st_live *l)
{
	u32 i = thread_find_serial(l->thread);
	const struct st_thread *r = i ? row_get(TABLE_thread, i) : NULL;

	return !r || r->flags & TF_CANCELED;
}

/* The call that would leave the caller with a lock held like this. */
static u32 taking(u8 mode)
{
	switch (mode) {
	case HELD_MUTEX:
		return CALL_mutex_lock;
	case HELD_READ:
		return CALL_rwlock_rdlock;
	case HELD_WRITE:
		return CALL_rwlock_wrlock;
	case HELD_SPIN:
		return CALL_spin_lock;
	default:
		return CALL_none;
	}
}

/* What the thread waits for now: its wait record, or the lock it is in the act of taking (or has
 * just taken: then nobody else holds it). False if it can go on by itself. However a condvar's wait
 * ends (woken, timed out, cancelled), its mutex is taken again first, without a limit. */
static bool waits_for(const struct st_live *l, struct node *w)
{
	u64 both = __atomic_load_n((const u64 *)(const void *)&l->nheld, __ATOMIC_ACQUIRE);
	u32 n = (u32)both;

	w->call = __atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE);
	w->addr = w->call == CALL_cond_wait ? l->wait_with_addr : l->wait_addr;
	if (w->call == CALL_cond_wait)
		return w->addr != 0;
	if (w->call != CALL_none)
		return !(l->wait_flags & (WF_TIMED | WF_NONBLOCK)) &&
		       (w->call != CALL_join || !canceled(l));
	if (!(both >> 32) || n >= HELD_MAX)
		return false;
	w->call = taking(l->held[n].mode);
	w->addr = l->held[n].addr;
	return w->call != CALL_none;
}

static bool is_lock(u32 call)
{
	return call == CALL_mutex_lock || call == CALL_cond_wait || call == CALL_rwlock_rdlock ||
	       call == CALL_rwlock_wrlock || call == CALL_spin_lock || call == CALL_once ||
	       call == CALL_cxa_guard;
}

/* A reader stands behind a waiting writer, where the lock's kind says so. */
static bool behind_writer(const struct node *w, const struct st_live *next)
{
	const struct st_sync *s;

	if (w->call != CALL_rwlock_rdlock || next == w->l ||
	    next->wait_call != CALL_rwlock_wrlock || next->wait_addr != w->addr)
		return false;
	s = sync_row(sync_find(w->addr, SYNC_rwlock));
	return s && s->flags & SF_WRITERS_FIRST;
}

/* glibc's owner is this thread or, in a forked child, one of the parent's; 0: somebody is in the
 * act of taking it. */
static bool is_own(u64 addr, const struct st_live *l)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)addr;
	const struct st_live *holder = mutex_holder(addr);

	return holder ? holder == l : __atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED) != 0;
}

/* Does the thread of node w wait for `next`? */
static bool waits_on(const struct node *w, struct st_live *next, bool own)
{
	struct st_held *e;

	if (w->call == CALL_join)
		return joined_thread(w->l->wait_obj) == next;
	e = held_find(next, w->addr);
	if (e && blocks(w->call, e) && next != w->l)
		return !(e->flags & HF_INHERITED); /* may have been made anew by assignment; only
						      its own thread can tell */
	if (e &&
	    blocks(w->call, e)) /* a mutex made anew by assignment may be somebody else's by now */
		return own && (w->call != CALL_mutex_lock || is_own(w->addr, next));
	if (behind_writer(w, next))
		return true;
	return own && w->call == CALL_mutex_lock && mutex_holder(w->addr) == next;
}

static void ring_from(struct walk *w, u32 last)
{
	u32 n = 0;

	for (u32 i = last;; i = w->node[i].from) {
		n++;
		if (i == 0)
			break;
	}
	w->length = n <= RING ? n : 0;
	for (u32 i = last; w->length && n-- > 0; i = w->node[i].from)
		w->ring[n] = i;
}

/* The thread of node[at] waits for l: true if that closes a ring. */
static bool reach(struct walk *w, struct st_live *l)
{
	struct node *n = &w->node[w->n];

	if (l == w->node[0].l) {
		ring_from(w, w->at);
		return w->length != 0;
	}
	for (u32 i = 1; i < w->n; i++)
		if (w->node[i].l == l)
			return false;
	if (w->n == NODES || !l->thread || !waits_for(l, n))
		return false;
	n->l = l;
	n->from = w->at;
	w->n++;
	return false;
}

static bool reach_holder(struct st_live *l, void *arg)
{
	struct walk *w = arg;

	return waits_on(&w->node[w->at], l, w->at == 0) && reach(w, l);
}

static bool search(struct walk *w)
{
	for (w->at = 0; w->at < w->n; w->at++) {
		const struct node *n = &w->node[w->at];
		struct st_live *next = n->call == CALL_join ? joined_thread(n->l->wait_obj) : NULL;

		if (next ? reach(w, next) : is_lock(n->call) && live_each(reach_holder, w))
			return true;
	}
	return false;
}

static bool still_so(const struct walk *w)
{
	for (u32 i = 0; i < w->length; i++) {
		const struct node *n = &w->node[w->ring[i]];
		struct node now = {.l = n->l};

		if (!n->l->thread || !waits_for(n->l, &now) || now.call != n->call ||
		    now.addr != n->addr ||
		    !waits_on(n, w->node[w->ring[(i + 1) % w->length]].l, i == 0))
			return false;
	}
	return true;
}

static struct ring_member member(const struct node *w, struct st_live *next)
{
	const struct st_live *l = w->l;
	bool registered = l->wait_call != CALL_none;
	struct st_held *h = w->call == CALL_join ? NULL : held_find(next, w->addr);

	return (struct ring_member){.thread = l->thread,
				    .tid = l->tid,
				    .call = w->call,
				    .obj = !registered		       ? 0
					   : w->call == CALL_cond_wait ? l->wait_with
								       : l->wait_obj,
				    .addr = w->addr,
				    .wait_stack = registered ? l->wait_stack
							     : l->held[l->nheld % HELD_MAX].stack,
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

	for (u32 i = 0; i < w->length; i++)
		ring += (w->node[w->ring[i]].l->thread * 0x9e3779b97f4a7c15ull) ^
			w->node[w->ring[i]].addr;
	g = lock_acquire(&lock);
	for (int i = 0; i < TOLD; i++)
		before |= told[i] == ring;
	if (!before)
		told[next++ % TOLD] = ring;
	lock_release(&g);
	return before;
}

/* The usual case, told without memory: the one who holds the mutex, or is to be joined, goes on. */
static bool goes_on(struct thread *t)
{
	struct st_live *l = t->live, *next;
	struct node w;

	if (!waits_for(l, &w))
		return true;
	if (w.call == CALL_mutex_lock)
		next = mutex_holder(w.addr)
			   ?: held_find(l, w.addr)
			      ? l
			      : NULL; /* a forked child's owner is a thread of its parent */
	else if (w.call != CALL_join)
		return !is_lock(w.call);
	else if ((next = joined_thread(l->wait_obj)) == l ||
		 (next && next->wait_call == CALL_join && next->wait_obj == l->thread))
		return true; /* libc refuses both: EDEADLK */
	return !next || (next != l && !waits_for(next, &w));
}

bool deadlock_check(struct thread *t)
{
	struct walk *w;
	bool found;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (goes_on(t) || !(w = arena_private(sizeof(*w))))
		return false;
	waits_for(t->live, &w->node[0]);
	w->node[0].l = t->live;
	w->n = 1;
	found = search(w) && still_so(w);
	if (found && !told_before(w)) {
		for (u32 i = 0; i < w->length; i++)
			w->member[i] =
			    member(&w->node[w->ring[i]], w->node[w->ring[(i + 1) % w->length]].l);
		event_deadlock(t->serial, w->member, (int)w->length);
	}
	arena_private_free(w, sizeof(*w));
	return found;
}
