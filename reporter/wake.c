/* SPDX-License-Identifier: MIT */
/*
 * Who could still wake a waiter: the two grades, and rings. See wake.h.
 *
 * Both grades begin with "every blocked thread is stuck" and let those go that somebody free could
 * wake, until nothing changes: what is left is the largest set of threads of which none can be
 * woken from outside it. For locks and joins one stuck party is enough to be stuck, for all else
 * one free party is enough to be free.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "util.h"
#include "wake.h"

#define COULD_MAX 64u /* stuck threads among which elimination is tried */

/* ---- what there is ------------------------------------------------------------------------------
 */
static int serial_compare(const void *a, const void *b)
{
	u32 x = ((const struct wake_thread *)a)->serial,
	    y = ((const struct wake_thread *)b)->serial;

	return x < y ? -1 : x > y;
}

struct wake_thread *wake_find(const struct wake *k, u32 serial)
{
	struct wake_thread key = {.serial = serial};

	return k->n ? bsearch(&key, k->thread, k->n, sizeof(key), serial_compare) : NULL;
}

static int gather(struct wake *k)
{
	u32 n = 0;

	FOR_EACH_ROW(k->p, live, l)
	k->n++;
	k->thread = calloc((size_t)k->n + 1, sizeof(*k->thread));
	if (!k->thread)
		return -ENOMEM;
	FOR_EACH_ROW(k->p, live, l)
	k->thread[n++] = (struct wake_thread){
	    .serial = l->thread, .live = l, .ends = l->thread == process_ender(k->p)};
	qsort(k->thread, n, sizeof(*k->thread), serial_compare);
	return 0;
}

/* Signals that come from outside of what the threads do: not faults, nor what libc keeps. */
static u64 from_outside(u64 signals)
{
	static const int not [] = {4, 5, 6, 7, 8, 11, 13, 31, 32, 33};

	for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		signals &= ~(1ull << (not [i] - 1));
	return signals;
}

static void look_around(struct wake *k)
{
	k->seen = k->p->facts.ended_at;
	k->handlers = k->p->head.handlers;
	FOR_EACH_EVENT(k->p, "watched", e)
	{
		k->handlers |= event_int(e, "handlers");
		k->unborn |= event_int(e, "tasks") > k->n;
	}
	k->handlers = from_outside(k->handlers);
	FOR_EACH_ROW(k->p, timer, m)
	k->timers |= m->flags & MF_ARMED && !(m->flags & MF_DELETED) && m->kind != TIMER_timerfd &&
		     m->notify != 1 /* SIGEV_NONE */;
	k->ended = k->p->head.threads_made > k->n;
	FOR_EACH_ROW(k->p, thread, t)
	{
		bool over = t->flags & TF_ENDED || t->ended;

		k->ended |= over;
		k->unborn |= !over && !(t->flags & TF_FORKED) && !wake_find(k, t->serial);
	}
}

/* ---- the fixpoint
 * -------------------------------------------------------------------------------- */
static bool is_queue(const struct wake_thread *t)
{
	return t->kind == WAKE_OBJECT || t->kind == WAKE_FD || t->kind == WAKE_MQ;
}

/* One that it needs will never give: a lock's holder, the thread to be joined. */
static bool is_kept(const struct wake *k, const struct wake_thread *t)
{
	for (u32 i = t->party; i < t->party + t->nparties; i++) {
		const struct wake_party *y = &k->party[i];

		if (y->how == PARTY_HOLDS && (y->at == WAKE_GONE || k->thread[y->at].stuck))
			return true;
		if (y->how == PARTY_JOINED && y->at != WAKE_GONE && k->thread[y->at].stuck)
			return true;
	}
	return false;
}

static bool somebody_free(const struct wake *k)
{
	bool any = k->unborn;

	for (u32 i = 0; i < k->n && !any; i++)
		any = k->thread[i].stuck == WAKE_FREE;
	return any;
}

/* Of those who are known to have woken it, none is left to do so. */
static bool known_are_gone(const struct wake *k, const struct wake_thread *t)
{
	bool known = false;

	for (u32 i = t->party; i < t->party + t->nparties; i++) {
		const struct wake_party *y = &k->party[i];

		if (y->how != PARTY_WOKE)
			continue;
		known = true;
		if (y->at != WAKE_GONE && !k->thread[y->at].stuck)
			return false;
	}
	return known && !wake_kin_free(k, t);
}

static bool still_stuck(const struct wake *k, const struct wake_thread *t, enum wake_grade grade,
			bool any_free)
{
	if (is_kept(k, t))
		return true;
	if (!is_queue(t) || !t->blocked)
		return false;
	if (grade == WAKE_CERTAIN)
		return !any_free && !k->handlers && !k->timers;
	return (!any_free && !k->handlers && !k->timers) || known_are_gone(k, t);
}

/* A handler, or a timer's thread, has woken it before: it may do so again. */
static bool woken_from_outside(const struct wake *k, const struct wake_thread *t)
{
	FOR_EACH_ROW(k->p, role, r)
	{
		bool same = t->sync ? r->kind == 1 && r->obj == t->sync->serial
				    : t->fd && r->kind >= 2 &&
					  (r->obj == (u32)t->fd->num || r->obj == (u32)t->fd->peer);

		if (same && r->role == t->role &&
		    (r->flags & (RF_HANDLER | RF_TIMER) ||
		     (k->timers && !process_thread(k->p, r->thread))))
			return true;
	}
	return false;
}

/* Is it waited for by somebody who is stuck? A ring of its own does not count. */
static bool is_waited_for(const struct wake *k, u32 me)
{
	for (u32 i = 0; i < k->nparties; i++) {
		const struct wake_party *y = &k->party[i];

		if (y->at == me && y->waiter != me && y->how != PARTY_COULD &&
		    k->thread[y->waiter].stuck)
			return true;
	}
	return false;
}

static bool is_idle_named(const struct wake *k, u32 me)
{
	return k->thread[me].named && !is_waited_for(k, me);
}

static void settle(struct wake *k, enum wake_grade grade)
{
	bool changed = true;

	while (changed) {
		bool any_free = somebody_free(k);

		changed = false;
		for (u32 i = 0; i < k->n; i++) {
			struct wake_thread *t = &k->thread[i];

			if (!t->stuck ||
			    (still_stuck(k, t, grade, any_free) && !is_idle_named(k, i)))
				continue;
			t->stuck = WAKE_FREE;
			changed = true;
			any_free = true;
		}
	}
}

static void begin(struct wake *k, enum wake_grade grade)
{
	for (u32 i = 0; i < k->n; i++) {
		struct wake_thread *t = &k->thread[i];
		bool queue = is_queue(t);

		t->stuck = t->kind == WAKE_NOT || (queue && t->blocked && wake_in_flight(k, t)) ||
				   (queue && woken_from_outside(k, t))
			       ? WAKE_FREE
			       : grade;
	}
}

static int judge(struct wake *k)
{
	u8 *certain = calloc((size_t)k->n + 1, 1);

	if (!certain)
		return -ENOMEM;
	begin(k, WAKE_CERTAIN);
	settle(k, WAKE_CERTAIN);
	for (u32 i = 0; i < k->n; i++)
		certain[i] = k->thread[i].stuck == WAKE_CERTAIN;
	begin(k, WAKE_LIKELY);
	settle(k, WAKE_LIKELY);
	k->whole = k->n && !k->unborn;
	for (u32 i = 0; i < k->n; i++) {
		struct wake_thread *t = &k->thread[i];

		if (certain[i])
			t->stuck = WAKE_CERTAIN;
		k->whole &= certain[i];
		k->nstuck += t->stuck != WAKE_FREE;
		k->nfree += t->stuck == WAKE_FREE;
	}
	free(certain);
	for (u32 i = 0; i < k->n; i++)
		k->thread[i].waited_for = k->thread[i].stuck && is_waited_for(k, i);
	return 0;
}

/* ---- by elimination
 * ------------------------------------------------------------------------------ */
/* Nobody ever woke it, and nobody has ended who might have been meant to: it can only be one of
 * those who are stuck themselves. Not one who waits for the same, nor one who waits for the end of
 * another: he has done his part. */
static bool could(const struct wake_thread *t, const struct wake_thread *by)
{
	return by != t && by->stuck && by->kind != WAKE_JOIN &&
	       !(by->kind == t->kind && by->addr == t->addr && by->fd == t->fd);
}

/* The parties of all threads, made anew with those added. */
static int eliminate(struct wake *k)
{
	struct wake_party *old = k->party;
	u32 nstuck = k->nstuck;
	int rc = 0;

	if (k->ended || !k->whole || nstuck > COULD_MAX)
		return 0;
	k->party = NULL;
	k->nparties = k->cap_parties = 0;
	for (u32 i = 0; i < k->n && rc == 0; i++) {
		struct wake_thread *t = &k->thread[i];
		u32 from = k->nparties;
		bool nobody;

		k->nparties = from;
		nobody = is_queue(t) && t->stuck == WAKE_CERTAIN;
		for (u32 j = t->party; j < t->party + t->nparties && rc == 0; j++) {
			rc = array_room((void **)&k->party, k->nparties, &k->cap_parties,
					sizeof(*old), 1u << 22);
			if (rc == 0)
				k->party[k->nparties++] = old[j];
			nobody &=
			    old[j].how != PARTY_WOKE ||
			    (t->sync && t->sync->kind == SYNC_barrier && old[j].at != WAKE_GONE);
		}
		for (u32 j = 0; nobody && j < k->n && rc == 0; j++) {
			if (!could(t, &k->thread[j]))
				continue;
			rc = array_room((void **)&k->party, k->nparties, &k->cap_parties,
					sizeof(*old), 1u << 22);
			if (rc == 0)
				k->party[k->nparties++] =
				    (struct wake_party){.waiter = i,
							.thread = k->thread[j].serial,
							.at = j,
							.how = PARTY_COULD};
		}
		t->party = from;
		t->nparties = k->nparties - from;
	}
	free(old);
	return rc == -ENOSPC ? 0 : rc;
}

/* ---- rings
 * --------------------------------------------------------------------------------------- */
/* Does the waiter need this party to go on? One that stands at the same barrier has come already,
 * and one that waits for the very end of the waiter has done its part: that is no ring but a waiter
 * whom nobody wakes. */
static bool is_needed(const struct wake *k, const struct wake_party *y)
{
	const struct wake_thread *t = &k->thread[y->waiter], *by;

	if (y->at == WAKE_GONE || !t->stuck)
		return false;
	by = &k->thread[y->at];
	if (!by->stuck)
		return false;
	if (y->how == PARTY_HOLDS || y->how == PARTY_JOINED)
		return true;
	return y->at != y->waiter &&
	       !(by->kind == t->kind && by->addr == t->addr && by->fd == t->fd) &&
	       !(by->kind == WAKE_JOIN && by->join == t->serial);
}

static int find_rings(struct wake *k)
{
	struct net net = {.n = k->n};
	int rc = 0;

	for (u32 i = 0; i < k->nparties && rc == 0; i++)
		if (is_needed(k, &k->party[i]))
			rc = net_arc(&net, (struct arc){.from = k->party[i].waiter,
							.to = k->party[i].at,
							.ref = i});
	if (rc == 0)
		rc = net_finish(&net);
	for (u32 i = 0; rc == 0 && i < k->n; i++)
		k->thread[i].ring = net.ring[i];
	for (u32 i = 0; rc == 0 && i < net.m; i++)
		k->party[net.arc[i].ref].ring = net_in_ring(&net, &net.arc[i]);
	net_free(&net);
	return rc ? -ENOMEM : 0;
}

/* Whoever waits, by way of others, for a ring. */
static void find_behind(struct wake *k)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (u32 i = 0; i < k->nparties; i++) {
			const struct wake_party *y = &k->party[i];
			struct wake_thread *t = &k->thread[y->waiter];

			if (t->ring || t->behind || !is_needed(k, y))
				continue;
			t->behind = k->thread[y->at].ring || k->thread[y->at].behind;
			changed |= t->behind;
		}
	}
}

u32 wake_rings(const struct wake *k)
{
	u32 most = 0;

	for (u32 i = 0; i < k->n; i++)
		if (k->thread[i].ring > most)
			most = k->thread[i].ring;
	return most;
}

struct search {		   /* breadth first: the shortest ring through a thread */
	u32 *from, *queue; /* from: index of the party that led there + 1 */
	u32 n;
};

static bool search_ring(const struct wake *k, struct search *s, u32 start)
{
	memset(s->from, 0, ((size_t)k->n + 1) * sizeof(*s->from));
	s->n = 0;
	s->queue[s->n++] = start;
	for (u32 at = 0; at < s->n; at++) {
		const struct wake_thread *t = &k->thread[s->queue[at]];

		for (u32 i = t->party; i < t->party + t->nparties; i++) {
			const struct wake_party *y = &k->party[i];

			if (!y->ring || !is_needed(k, y) || s->from[y->at])
				continue;
			s->from[y->at] = i + 1;
			if (y->at == start)
				return true;
			s->queue[s->n++] = y->at;
		}
	}
	return false;
}

u32 wake_ring(const struct wake *k, u32 r, u32 *list, const struct wake_party **party, u32 max)
{
	struct search s = {.from = calloc((size_t)k->n + 1, sizeof(u32)),
			   .queue = calloc((size_t)k->n + 1, sizeof(u32))};
	u32 start = 0, n = 0, at;

	while (start < k->n && k->thread[start].ring != r)
		start++;
	if (s.from && s.queue && start < k->n && search_ring(k, &s, start)) {
		at = start;
		do {
			n++;
			at = k->party[s.from[at] - 1].waiter;
		} while (at != start);
		n = n <= max ? n : 0;
		for (u32 i = n; i-- > 0;) {
			party[i] = &k->party[s.from[at] - 1];
			at = list[i] = party[i]->waiter;
		}
	}
	free(s.from);
	free(s.queue);
	return n;
}

/* ---- the whole
 * ----------------------------------------------------------------------------------- */
int wake_make(struct wake *k, const struct model_process *p)
{
	int rc;

	*k = (struct wake){.p = p};
	rc = gather(k);
	if (rc)
		return rc;
	look_around(k);
	rc = wake_index(k);
	for (u32 i = 0; i < k->n && rc == 0; i++)
		if (!k->thread[i].ends)
			wake_wait_of(k, &k->thread[i]);
	for (u32 i = 0; i < k->n && rc == 0; i++)
		rc = wake_parties_of(k, i);
	if (rc == 0)
		rc = judge(k);
	if (rc == 0 && k->nstuck)
		rc = eliminate(k);
	if (rc == 0 && k->nstuck)
		rc = find_rings(k);
	if (rc == 0 && k->nstuck)
		find_behind(k);
	return rc;
}

void wake_free(struct wake *k)
{
	wake_index_free(k);
	free(k->thread);
	free(k->party);
	memset(k, 0, sizeof(*k));
}
