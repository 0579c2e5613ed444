/* SPDX-License-Identifier: MIT */
/*
 * Owns: the judgement of a wait before it is made. Doesn't: keep the books of waits (wrap/cond.c).
 * A mutex that the books don't know may have been taken before we came, or while its thread passed
 * through: glibc's own fields decide. On the way into a wait, never on an uncontended path.
 */
#include "detect/cond_misuse.h"

#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

enum { ELIDED = 256, PSHARED = 128 }; /* bits of glibc's __kind: an elided lock has no owner */

static COLD void without_mutex(struct thread *t, const pthread_cond_t *c, const pthread_mutex_t *m,
			       const struct st_sync *cond, const struct st_sync *mutex)
{
	u32 owner = (u32)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED);
	struct st_live *holder;
	struct event_misuse e = {.kind = "cond-wait-without-mutex",
				 .addr = (u64)c,
				 .addr2 = (u64)m,
				 .obj = cond ? cond->serial : 0,
				 .obj2 = mutex ? mutex->serial : 0,
				 .fd = -1};

	if (owner == t->tid || m->__data.__kind < 0 || m->__data.__kind & ELIDED)
		return;
	if (owner == 0 && __atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED) == 0) {
		e.detail = "free";
	} else if (owner && !(m->__data.__kind & PSHARED) && (holder = held_by((u64)m, t->live))) {
		struct st_held *there = held_find(holder, (u64)m);

		e.detail = "other";
		e.other = holder->thread;
		e.other_stack = there ? there->stack : 0;
	} else {
		return;
	}
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

/* Those who wait on the same condvar with another mutex. Some may have been woken and not be back
 * yet: `woken` at most. */
struct others {
	const struct st_sync *cond;
	const struct st_live *self;
	u64 mutex;
	struct st_live *found;
	u32 n;
};
static bool waits_with_another(struct st_live *l, void *arg)
{
	struct others *o = arg;

	if (l != o->self && l->wait_call == CALL_cond_wait && l->wait_addr == o->cond->addr &&
	    l->wait_obj == o->cond->serial && l->wait_with_addr != o->mutex) {
		o->found = l;
		o->n++;
	}
	return false;
}

static COLD void two_mutexes(struct thread *t, struct st_sync *cond, const struct st_sync *mutex)
{
	struct others o = {.cond = cond, .self = t->live, .mutex = mutex->addr};
	struct event_misuse e = {.kind = "cond-two-mutexes",
				 .addr = cond->addr,
				 .obj = cond->serial,
				 .addr2 = mutex->addr,
				 .obj2 = mutex->serial,
				 .fd = -1};

	live_each(waits_with_another, &o);
	if (o.n <= __atomic_load_n(&cond->value, __ATOMIC_RELAXED))
		return;
	if (__atomic_fetch_or(&cond->flags, SF_MULTI_MUTEX, __ATOMIC_RELAXED) & SF_MULTI_MUTEX)
		return;
	e.addr3 = o.found->wait_with_addr;
	e.obj3 = o.found->wait_with;
	e.other = o.found->thread;
	e.other_stack = o.found->wait_stack;
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

void cond_misuse_check(struct thread *t, const pthread_cond_t *c, const pthread_mutex_t *m,
		       struct st_sync *cond, const struct st_sync *mutex, bool held)
{
	if (unlikely(!held))
		without_mutex(t, c, m, cond, mutex);
	/* one that other processes use is woken out of our sight */
	if (cond && mutex && cond->with != mutex->serial && !(cond->flags & SF_MULTI_MUTEX) &&
	    __atomic_load_n(&cond->waiters, __ATOMIC_RELAXED) && !(c->__data.__wrefs & 1))
		two_mutexes(t, cond, mutex);
}
