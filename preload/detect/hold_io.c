/* SPDX-License-Identifier: MIT */
/*
 * Owns: what counts as "held across a blocking call" (setting io_min, and at least one voluntary
 * context switch: time lost to preemption is nobody's fault). Read locks don't count: readers go
 * on. The waiters are found from the holder's side, at the end of its call: they still wait.
 */
#include "detect/hold_io.h"

#include <sys/resource.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/sys.h"
#include "state/held.h"
#include "state/holdio.h"
#include "state/stacks.h"
#include "state/sync.h"

static bool sandboxed;

static long switches(void)
{
	struct rusage u;

	if (sandboxed || sys_call(SYS_getrusage, RUSAGE_THREAD, &u, 0, 0) < 0)
		return -1;
	return u.ru_nvcsw;
}

void hold_io_sandboxed(void)
{
	sandboxed = true;
}

void hold_io_begin(struct hold_io *h, bool sleeps)
{
	h->switches = sleeps ? -1 : switches();
	h->since = clock_now();
}

struct meanwhile {
	u64 addr, from, now, ns, max;
	u32 waits, worst, worst_stack;
};

static bool waiter(struct st_live *l, void *arg)
{
	struct meanwhile *m = arg;
	u32 call = __atomic_load_n(&l->wait_call, __ATOMIC_ACQUIRE);
	u64 since = l->wait_since, ns;

	if (l->wait_addr != m->addr || !since || since > m->now ||
	    (call != CALL_mutex_lock && call != CALL_rwlock_rdlock && call != CALL_rwlock_wrlock &&
	     call != CALL_spin_lock))
		return false;
	ns = m->now - (since > m->from ? since : m->from);
	m->ns += ns;
	m->waits++;
	if (ns > m->max) {
		m->max = ns;
		m->worst = l->thread;
		m->worst_stack = l->wait_stack;
	}
	return false;
}

static enum sync_kind kind_of(u8 mode)
{
	return mode == HELD_WRITE ? SYNC_rwlock : mode == HELD_SPIN ? SYNC_spin : SYNC_mutex;
}

static void note(struct thread *t, struct st_held *held, const struct hold_io *h, u64 now, u32 call,
		 u32 call_stack, int fd, u32 fd_kind)
{
	struct meanwhile m = {.addr = held->addr, .from = h->since, .now = now};
	u32 row = sync_see(t, held->addr, kind_of(held->mode), 0);
	struct st_sync *s = sync_row(row);
	struct hold_io_key k = {.obj = s ? s->serial : 0,
				.addr = held->addr,
				.mode = held->mode,
				.acq_stack = held->stack,
				.call = call,
				.call_stack = call_stack};
	struct st_hold_io *r;
	u64 ns = now - h->since;

	if (!s || !(r = hold_io_get(&k, now)))
		return;
	live_each(waiter, &m);
	r->count++;
	r->ns += ns;
	if (ns > r->max)
		r->max = ns;
	r->last = now;
	r->fd = fd;
	r->fd_kind = fd_kind;
	r->thread = t->serial;
	r->waits += m.waits;
	r->wait_ns += m.ns;
	if (m.max > r->wait_max) {
		r->wait_max = m.max;
		r->worst_waiter = m.worst;
		r->worst_waiter_stack = m.worst_stack;
	}
}

void hold_io_end(struct thread *t, const struct hold_io *h, u32 call, int fd, u32 fd_kind)
{
	struct st_live *l = t->live;
	u64 now = clock_now();
	u32 call_stack, n;

	if (!l || now - h->since < (u64)config.io_min * 1000)
		return;
	if (h->switches >= 0 && switches() == h->switches)
		return;
	held_settle(t);
	call_stack = stack_here(t);
	n = l->nheld < HELD_MAX ? l->nheld : HELD_MAX;
	for (u32 i = 0; i < n; i++)
		if (l->held[i].addr && !(l->held[i].flags & HF_INHERITED) &&
		    l->held[i].mode != HELD_READ && l->held[i].mode != HELD_ONCE &&
		    held_find(l, l->held[i].addr) ==
			&l->held[i]) /* a recursive lock is there more than once */
			note(t, &l->held[i], h, now, call, call_stack, fd, fd_kind);
}
