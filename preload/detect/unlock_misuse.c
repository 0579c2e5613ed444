/* SPDX-License-Identifier: MIT */
/*
 * Owns: the judgement of a release that the books don't know. Doesn't: read the locks' words
 * (their wrappers do). Only on the way of such a release, never on that of a sound one.
 */
#include "detect/unlock_misuse.h"

#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

struct holders {
	u64 addr;
	const struct st_live *self;
	struct st_live *found;
	u32 n;
};
static bool holds(struct st_live *l, void *arg)
{
	struct holders *h = arg;

	if (l == h->self || !held_find(l, h->addr))
		return false;
	h->found = l;
	h->n++;
	return false;
}

/* What a thread released last stays behind its list of held locks until it takes another one: was
 * this lock its own not long ago? */
static const struct st_held *released(const struct st_live *l, u64 addr)
{
	for (u32 i = l->nheld; i < HELD_MAX; i++)
		if (l->held[i].addr == addr)
			return &l->held[i];
	return NULL;
}

void unlock_misuse(struct thread *t, const struct unlock *u)
{
	struct holders h = {.addr = u->addr, .self = t->live};
	const struct st_held *before = released(t->live, u->addr), *there;
	struct event_misuse e = {
	    .kind = "unlock-not-held", .addr = u->addr, .fd = -1, .err = u->err, .detail = ""};
	struct st_sync *s;

	if (!u->free) {
		live_each(holds, &h);
		/* a reader whom the books don't know may be this one */
		if (!h.found || u->readers > h.n)
			return;
		there = held_find(h.found, u->addr);
		e.kind = "unlock-by-other-thread";
		e.other = h.found->thread;
		e.other_stack = there ? there->stack : 0;
	}
	if (before) {
		e.detail = "twice";
		e.third = t->serial;
		e.third_stack = before->stack ? before->stack : stack_of_held(t, before);
	}
	e.stack = stack_here(t);
	s = sync_row(sync_see(t, u->addr, u->kind, u->flags));
	e.obj = s ? s->serial : 0;
	event_misuse(t->serial, &e);
}
