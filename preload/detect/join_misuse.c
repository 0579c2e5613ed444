/* SPDX-License-Identifier: MIT */
/*
 * Owns: the judgement of joins and detaches. Doesn't: keep rows of threads (state/thread.h) or
 * handles given up (state/handles.h). Births, joins and failures only.
 */
#include "detect/join_misuse.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "state/handles.h"
#include "state/stacks.h"
#include "trace/event.h"

static const struct st_thread *row_of(const struct join_call *c)
{
	const struct st_thread *r = c->row ? row_get(TABLE_thread, c->row) : NULL;

	return r && r->serial == c->serial ? r : NULL;
}

static void tell(struct thread *t, const struct join_call *c, struct event_misuse *e)
{
	e->addr = c->pthread;
	e->fd = -1;
	e->call = c->name;
	e->stack = stack_here(t);
	event_misuse(t->serial, e);
}

struct joiner {
	const struct st_live *self;
	struct st_live *found;
	u32 serial;
};
/* A join that was cancelled ends, but its record stays until the thread's next wait. */
static bool joins(struct st_live *l, void *arg)
{
	struct joiner *j = arg;
	u32 i;

	if (l == j->self || l->thread == j->serial || l->wait_call != CALL_join ||
	    l->wait_obj != j->serial || l->wait_flags & (WF_TIMED | WF_NONBLOCK))
		return false;
	i = thread_find_serial(l->thread);
	if (!i || ((struct st_thread *)row_get(TABLE_thread, i))->flags & TF_CANCELED)
		return false;
	j->found = l;
	return true;
}

/* glibc lets both wait; who comes back second finds freed memory. */
static bool joined_meanwhile(struct thread *t, const struct join_call *c, const struct st_thread *r)
{
	struct joiner j = {.self = t->live, .serial = c->serial};
	struct event_misuse e = {.kind = "join-twice", .detail = "meanwhile"};

	if (c->flags || !c->serial || c->serial == t->serial || !live_each(joins, &j))
		return false;
	e.obj = c->serial;
	e.third = r->parent;
	e.third_stack = r->stack;
	e.other = j.found->thread;
	e.other_stack = j.found->wait_stack;
	tell(t, c, &e);
	return true;
}

bool join_misuse_before(struct thread *t, const struct join_call *c)
{
	const struct st_thread *r = row_of(c);
	bool detached = r && (r->flags & (TF_DETACHED | TF_ADOPTED)) == TF_DETACHED;
	struct event_misuse e = {0};
	struct handle h;

	if (r && !detached)
		return joined_meanwhile(t, c, r);
	if (handle_find(c->pthread, c->serial, &h)) {
		e.kind = h.how == HANDLE_JOINED ? "join-twice" : "join-detached";
		e.obj = h.serial;
		e.third_stack = h.birth;
		e.other = h.by;
		e.other_stack = h.stack;
	} else if (detached) {
		e.kind = "join-detached";
		e.obj = r->serial;
		e.third = r->parent;
		e.third_stack = r->stack;
	} else {
		return false; /* not known to us: that alone is no fault */
	}
	tell(t, c, &e);
	return true;
}

bool join_misuse_after(struct thread *t, const struct join_call *c, int err)
{
	const struct st_thread *r = row_of(c);
	struct event_misuse e = {.err = err > 0 ? errno_name(err) : NULL,
				 .obj = c->serial,
				 .third_stack = r ? r->stack : 0,
				 .third = r ? r->parent : 0};

	if (err == EBUSY || err == ETIMEDOUT || err == ENOMEM)
		return false;
	if (c->pthread == (u64)pthread_self() && (err == EDEADLK || err < 0) &&
	    !strstr(c->name, "detach")) {
		e.kind = "join-self";
	} else if (err == ESRCH || (err == EINVAL && !r)) {
		e.kind = "join-twice";
		e.detail = "unknown";
	} else {
		return false;
	}
	tell(t, c, &e);
	return true;
}
