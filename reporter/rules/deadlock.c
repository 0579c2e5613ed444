/* SPDX-License-Identifier: MIT */
/*
 * deadlock and self-deadlock: a ring of threads that wait for each other. Rings of locks, joins and
 * onces come as the preload saw them close: `deadlock` events. Rings in which some wait for what
 * only others of the ring could post, signal, write or receive are found here, in the process as it
 * was last seen (wake.h). Pure; called by report.c.
 */
#include <string.h>
#include "stuck.h"

const struct rule_text text_deadlock = {
    .means =
	"Each thread of a ring waits for something the next one holds or has to do (or for the "
	"next one to end), so none of them "
	"can ever go on. The program hangs, in whole or in part.",
    .evidence =
	"The ring itself: what each waits for, where, and where the next one took it. Rings "
	"of locks and joins are found at the moment their last thread was about to block; "
	"rings that go through a semaphore, condition variable, barrier, pipe or message "
	"queue when all who could post, signal, write or read there are blocked, too.",
    .silent =
	"One of the waits has a time limit: then the ring opens by itself. Somebody outside of "
	"the ring could wake one of them: another thread, a handler, a timer, another process.",
    .fix = "Give the locks one order and take them in that order everywhere; or hold only one at a "
	   "time. Do not join a thread "
	   "while holding a lock that it needs.",
    .example = "/* thread 1 */ pthread_mutex_lock(&a); pthread_mutex_lock(&b);\n"
	       "/* thread 2 */ pthread_mutex_lock(&b); pthread_mutex_lock(&a);\n",
};

const struct rule_text text_self_deadlock = {
    .means = "A thread waits for what only itself could give: it locks a mutex it already holds, "
	     "takes the write side of a lock "
	     "whose read side it holds, joins itself, or enters a pthread_once from its own "
	     "initialiser. It waits for ever.",
    .evidence = "The wait and where the same thread took the object before.",
    .silent = "Recursive mutexes; error-checking ones, which return EDEADLK (that is relock).",
    .fix = "Split the function in two: an outer one that locks, an inner one that expects the lock "
	   "to be held, and call the "
	   "inner one from code that holds it.",
    .example =
	"void add(struct list *l) { pthread_mutex_lock(&l->lock); grow(l); … }\n"
	"void grow(struct list *l) { pthread_mutex_lock(&l->lock); … }   /* waits for add() */\n",
};

static u32 get(const json_t *js, const char *key)
{
	return (u32)json_u64(json_object_get(js, key));
}

static const char *wait_of(const json_t *m)
{
	const char *s = json_string_value(json_object_get(m, "wait"));

	return s ? s : "?";
}

/* Joins wait for a thread, all else for a lock. */
static bool is_join(const json_t *m)
{
	return wait_of(m)[0] == 'j';
}

/* However a condvar's wait ends, its mutex is taken again. */
static bool is_cond(const json_t *m)
{
	return strcmp(wait_of(m), "cond_wait") == 0;
}

static const char *target(const struct model_process *p, const json_t *m)
{
	if (is_join(m))
		return "the end of";
	return say_sync(p, get(m, "obj"), json_u64(json_object_get(m, "addr")));
}

static void member(struct diagnosis *d, const struct model_process *p, const struct model_event *e,
		   const json_t *m, const json_t *next)
{
	u32 thread = get(m, "thread"), holder = get(next, "thread"), hold = get(m, "hold_stack");

	diag_thread(d, thread);
	if (is_join(m))
		diag_evidence(d, e->t, thread, get(m, "wait_stack"),
			      "%s waits here in pthread_join() for the end of %s",
			      say_thread(p, thread), say_thread(p, holder));
	else
		diag_evidence(d, e->t, thread, get(m, "wait_stack"),
			      is_cond(m)
				  ? "%s waits here in %s(), which ends only with the %s taken again"
				  : "%s waits here in %s() for the %s",
			      say_thread(p, thread), wait_of(m), target(p, m));
	if (!is_join(m)) {
		diag_sync(d, get(m, "obj"), json_u64(json_object_get(m, "addr")));
		diag_about(d, ABOUT_SYNC, get(m, "obj"));
		if (hold)
			diag_evidence(d, 0, holder, hold, "which %s took here",
				      say_thread(p, holder));
		else
			diag_evidence(d, 0, holder, 0, "which %s holds", say_thread(p, holder));
	}
	diag_about(d, ABOUT_THREAD, thread);
	diag_role_cycle(d, get(m, "wait_stack"), hold);
}

static void say_ring(struct diagnosis *d, const struct model_process *p, const json_t *ring)
{
	size_t n = json_array_size(ring);
	const json_t *first = json_array_get(ring, 0), *second = json_array_get(ring, 1 % n);

	diag_title(d, "%zu threads wait for each other for ever", n);
	if (is_join(first))
		diag_what(d,
			  "%s waits for the end of %s in %s, and so on round the ring of %zu; none "
			  "of them can go on.",
			  say_thread(p, get(first, "thread")), say_thread(p, get(second, "thread")),
			  say_place(p, get(first, "wait_stack")), n);
	else
		diag_what(d,
			  "%s waits in %s for the %s, which %s holds, and so on round the ring of "
			  "%zu; none of them can go on.",
			  say_thread(p, get(first, "thread")),
			  say_place(p, get(first, "wait_stack")), target(p, first),
			  say_thread(p, get(second, "thread")), n);
	diag_why(d, "Each holds what the one before it needs and lets go of nothing while it "
		    "waits. None of these waits has a time "
		    "limit, so this is for good.");
	diag_fix(d,
		 "Take these locks in one order everywhere, or let go of the one before waiting "
		 "for the other%s.",
		 is_join(first) || is_join(second)
		     ? "; never join a thread while holding what it needs"
		     : "");
}

static void say_self(struct diagnosis *d, const struct model_process *p, const json_t *m)
{
	if (is_join(m)) {
		diag_title(d, "%s joins itself in %s", say_thread(p, get(m, "thread")),
			   say_place(p, get(m, "wait_stack")));
		diag_what(d, "%s waits for its own end.", say_thread(p, get(m, "thread")));
	} else {
		diag_title(d, "%s waits in %s for the %s that it holds itself",
			   say_thread(p, get(m, "thread")), say_place(p, get(m, "wait_stack")),
			   target(p, m));
		diag_what(d, "%s took the %s in %s and asks for it again in %s().",
			  say_thread(p, get(m, "thread")), target(p, m),
			  say_place(p, get(m, "hold_stack")), wait_of(m));
	}
	diag_why(d, "Only this thread could end the wait, and it waits. It will never go on, nor "
		    "will whoever needs what it holds.");
	diag_fix(d, "Do not take the lock again: split off a function that expects it to be held, "
		    "and call that one here.");
}

static void deadlocks(const struct model_process *p, struct findings *out, bool self)
{
	FOR_EACH_EVENT(p, "deadlock", e)
	{
		const json_t *ring = json_object_get(e->js, "ring");
		size_t n = json_array_size(ring);
		struct diagnosis *d;

		if (!n || (n == 1 || event_int(e, "self")) != self)
			continue;
		d = diag_new(out, SEV_ERROR, CONF_CERTAIN);
		if (self)
			say_self(d, p, json_array_get(ring, 0));
		else
			say_ring(d, p, ring);
		for (size_t i = 0; i < n; i++)
			member(d, p, e, json_array_get(ring, i), json_array_get(ring, (i + 1) % n));
	}
}

/* ---- rings through semaphores, condition variables, barriers, pipes, queues
 * ---------------------- */
#define RING_MAX 64u

/* Was a deadlock told of any of them when it closed? */
static bool was_told(const struct model_process *p, u32 thread)
{
	FOR_EACH_EVENT(p, "deadlock", e)
	{
		const json_t *ring = json_object_get(e->js, "ring"), *m;
		size_t i;

		json_array_foreach (ring, i, m)
			if (get(m, "thread") == thread)
				return true;
	}
	return false;
}

static void tell_next(struct diagnosis *d, const struct wake *k, const struct wake_party *y)
{
	const struct wake_thread *t = &k->thread[y->waiter];
	const char *next = say_thread(k->p, y->thread);

	switch (y->how) {
	case PARTY_HOLDS:
		if (y->stack)
			diag_evidence(d, 0, y->thread, y->stack, "which %s took here", next);
		else
			diag_evidence_pc(d, 0, y->thread, y->pc, "which %s holds", next);
		break;
	case PARTY_WOKE:
		diag_evidence(
		    d, y->last, y->thread, y->stack,
		    "which %s has to %s: it has done so here before, nobody else is left to", next,
		    say_stuck_verb(t));
		break;
	case PARTY_COULD:
		diag_evidence(d, 0, y->thread, 0,
			      "which only %s could %s: nobody ever did, and nobody else is left to",
			      next, say_stuck_verb(t));
		break;
	case PARTY_JOINED:
		break;
	}
}

static const char *bond(const struct wake *k, const struct wake_party *y)
{
	static char text[200];

	if (y->how == PARTY_HOLDS)
		return "holds";
	snprintf(text, sizeof(text), "would have to %s", say_stuck_verb(&k->thread[y->waiter]));
	return text;
}

static void say_through(const struct wake *k, struct findings *out, const u32 *list,
			const struct wake_party *const *party, u32 n, bool certain)
{
	struct diagnosis *d = diag_new(out, SEV_ERROR, certain ? CONF_CERTAIN : CONF_LIKELY);
	const struct wake_thread *t = &k->thread[list[0]];
	u32 at = 0;

	while (at + 1 < n &&
	       party[at]->how == PARTY_JOINED) /* not a join, where there is another */
		at++;
	t = &k->thread[list[at]];
	diag_title(d, "%u threads wait for each other for ever", n);
	diag_what(d,
		  "%s waits in %s for %s, which %s %s, and so on round the ring of %u; none of "
		  "them can go on.",
		  say_thread(k->p, t->serial), say_stuck_place(k, t), say_stuck_object(k, t),
		  say_thread(k->p, party[at]->thread), bond(k, party[at]), n);
	diag_why(
	    d,
	    "Each waits for what the next one would have to do, and none of these waits has a time "
	    "limit. %s",
	    k->whole ? "Every other thread of the process waits, too: this is for good."
		     : "All who ever did so are part of the ring.");
	diag_fix(
	    d,
	    "Let one of them do its part before it waits (post, write or read first), or give back "
	    "what the other needs before waiting for it.");
	for (u32 i = 0; i < n; i++) {
		const struct wake_thread *w = &k->thread[list[i]];

		stuck_tell_wait(d, k, w);
		tell_next(d, k, party[i]);
		if (w->kind != WAKE_JOIN)
			stuck_add_object(d, k, w);
		diag_role_cycle(d, w->stack, party[i]->how == PARTY_COULD ? 0 : party[i]->stack);
	}
	for (u32 i = 0; i < k->n; i++)
		if (k->thread[i].ring == t->ring)
			diag_about(d, ABOUT_THREAD, k->thread[i].serial);
}

static void through_queues(const struct model_process *p, struct findings *out)
{
	const struct wake_party *party[RING_MAX];
	u32 list[RING_MAX];
	struct wake k;

	if (p->facts.ended == ENDED_EXEC || wake_make(&k, p))
		return;
	for (u32 r = 1; r <= wake_rings(&k); r++) {
		u32 n = wake_ring(&k, r, list, party, RING_MAX);
		bool certain = true, told = false;

		for (u32 i = 0; i < n; i++) {
			certain &= k.thread[list[i]].stuck == WAKE_CERTAIN;
			told |= was_told(p, k.thread[list[i]].serial);
		}
		if (n > 1 && !told)
			say_through(&k, out, list, party, n, certain);
	}
	wake_free(&k);
}

void rule_deadlock(const struct model_process *p, struct findings *out)
{
	deadlocks(p, out, false);
	through_queues(p, out);
}

void rule_self_deadlock(const struct model_process *p, struct findings *out)
{
	deadlocks(p, out, true);
}
