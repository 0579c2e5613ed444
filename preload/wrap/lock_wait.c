/* SPDX-License-Identifier: MIT */
/* Owns: waiting for a lock, whatever its family. See lock_wait.h. */
#include "wrap/lock_wait.h"

#include "base/clock.h"
#include "state/held.h"
#include "state/holdio.h"
#include "state/stacks.h"
#include "state/sync.h"

void lock_wait_begin(struct lock_wait *w, struct thread *t, u32 call, u64 addr, u32 row, u32 flags,
		     uintptr_t pc, uintptr_t sp)
{
	struct st_sync *s = sync_row(row);
	struct wait wait = {.call = call,
			    .addr = addr,
			    .fd = -1,
			    .flags = flags | WF_REGISTERED,
			    .obj = s ? s->serial : 0};

	if (t->live->nheld)
		held_settle(t);
	w->t = t;
	w->addr = addr;
	w->row = row;
	w->serial = wait.obj;
	w->holder = 0;
	w->holder_pc = 0;
	w->stack = wait.stack = stack_here(t);
	w->since = clock_now();
	if (s)
		__atomic_fetch_add(&s->waiters, 1, __ATOMIC_RELAXED);
	wait_begin(t, &w->outer, &wait, pc, sp, w->since);
}

void lock_wait_for(struct lock_wait *w, const struct st_live *holder)
{
	const struct st_held *h = holder ? held_find((struct st_live *)holder, w->addr) : NULL;

	w->holder = holder ? holder->thread : 0;
	w->holder_pc = h ? h->pc : 0;
}

void lock_wait_end(struct lock_wait *w)
{
	struct st_contend *c;
	struct st_sync *s;
	u64 ns;

	if (w->t != thread_self)
		return;
	s = sync_row(w->row);
	ns = clock_now() - w->since;
	wait_end(w->t, &w->outer);
	if (!s || s->serial != w->serial)
		return; /* destroyed while we waited */
	__atomic_fetch_sub(&s->waiters, 1, __ATOMIC_RELAXED);
	sync_waited(w->row, w->t, ns, w->holder);
	c = contend_get(s->serial, w->addr, w->stack, w->holder_pc);
	if (!c)
		return;
	c->count++;
	c->ns += ns;
	if (ns > c->max) {
		c->max = ns;
		c->thread = w->t->serial;
		c->holder = w->holder;
	}
}
