/* SPDX-License-Identifier: MIT */
/* Words about waiters that nobody is left to wake: see stuck.h. Pure. */
#include <stdio.h>
#include <stdlib.h>
#include "stuck.h"

#define SHOWN 4u

static bool is_queue(const struct wake_thread *t)
{
	return t->kind == WAKE_OBJECT || t->kind == WAKE_FD || t->kind == WAKE_MQ;
}

static bool is_dead_lock(const struct wake *k, const struct wake_thread *t)
{
	return t->kind == WAKE_LOCK && t->nparties && k->party[t->party].at == WAKE_GONE;
}

bool stuck_is_root(const struct wake *k, const struct wake_thread *t)
{
	return t->stuck && !t->ring && !t->behind && (is_queue(t) || is_dead_lock(k, t));
}

bool stuck_same(const struct wake_thread *a, const struct wake_thread *b)
{
	return a->kind == b->kind && a->addr == b->addr && a->fd == b->fd && a->role == b->role;
}

bool stuck_matters(const struct wake *k, const struct wake_thread *t)
{
	const struct st_thread *row = process_thread(k->p, t->serial);

	return t->waited_for || (k->whole && (t->serial == 1 || (row && row->flags & TF_MAIN)));
}

/* How often it has waited for that object. */
static u64 waits_of(const struct wake *k, const struct wake_thread *t)
{
	FOR_EACH_ROW(k->p, role, r)
	if (r->kind == 1 && r->obj == t->sync->serial && r->thread == t->serial && r->role == 2)
		return r->count;
	return 0;
}

bool stuck_by_lost_wakeup(const struct wake *k, const struct wake_thread *t)
{
	const struct st_sync *s = t->sync;

	return t->call == CALL_cond_wait && s && s->unheard && s->unheard == s->posts &&
	       s->unheard_at && s->unheard_at <= t->since && waits_of(k, t) <= 1;
}

/* ---- words
 * --------------------------------------------------------------------------------------- */
const char *say_stuck_place(const struct wake *k, const struct wake_thread *t)
{
	const struct frames *f = process_frames(k->p, t->stack);

	return say_frame(frames_program(f->n ? f : process_frames_pc(k->p, t->pc)));
}

const char *say_stuck_object(const struct wake *k, const struct wake_thread *t)
{
	static char text[4][600];
	static unsigned next;
	char *s = text[next++ % 4];

	if (!t->fd)
		snprintf(s, sizeof(text[0]), "the %s",
			 say_sync(k->p, t->sync ? t->sync->serial : 0, t->addr));
	else
		snprintf(s, sizeof(text[0]), "%s%s%s", say_fd(k->p, t->fd->num, t->fd->kind),
			 t->fd->stack ? " opened in " : "",
			 t->fd->stack ? say_place(k->p, t->fd->stack) : "");
	return s;
}

static unsigned word_of(const struct wake_thread *t)
{
	if (t->kind == WAKE_LOCK)
		return 0;
	if (t->fd)
		return t->kind == WAKE_MQ ? (t->role == 1 ? 5 : 6) : t->role == 1 ? 3 : 4;
	return t->call == CALL_cond_wait ? 1 : t->call == CALL_barrier_wait ? 7 : 2;
}

const char *say_stuck_verb(const struct wake_thread *t)
{
	static const char *const verb[] = {"release",	"signal",  "post",	   "write to",
					   "read from", "send to", "receive from", "come to"};

	return verb[word_of(t)];
}

const char *say_stuck_done(const struct wake_thread *t)
{
	static const char *const done[] = {"took",	"signalled", "posted",	      "wrote to",
					   "read from", "sent to",   "received from", "came to"};

	return done[word_of(t)];
}

/* ---- evidence
 * ------------------------------------------------------------------------------------ */
static void evidence_at(struct diagnosis *d, const struct wake_thread *t, const char *what)
{
	if (t->stack)
		diag_evidence(d, t->since, t->serial, t->stack, "%s", what);
	else
		diag_evidence_pc(d, t->since, t->serial, t->pc, "%s", what);
}

void stuck_tell_wait(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	char what[900];

	if (t->kind == WAKE_JOIN)
		snprintf(what, sizeof(what), "%s waits here for the end of %s",
			 say_thread(k->p, t->serial), say_thread(k->p, t->join));
	else
		snprintf(what, sizeof(what), "%s waits here in %s() for %s, with no time limit",
			 say_thread(k->p, t->serial), call_name(t->call), say_stuck_object(k, t));
	evidence_at(d, t, what);
	diag_thread(d, t->serial);
}

static void tell_waker(struct diagnosis *d, const struct wake *k, const struct wake_thread *t,
		       const struct wake_party *y)
{
	const struct st_thread *row = process_thread(k->p, y->thread);
	char did[300], now[200];

	snprintf(did, sizeof(did), "%s %s it", say_thread(k->p, y->thread), say_stuck_done(t));
	if (y->at != WAKE_GONE && &k->thread[y->at] == t)
		snprintf(now, sizeof(now), "it is the one that waits now");
	else if (y->at != WAKE_GONE)
		snprintf(now, sizeof(now), "it is blocked itself, in %s()",
			 call_name(k->thread[y->at].call));
	else if (row && row->flags & TF_CANCELED)
		snprintf(now, sizeof(now), "it was cancelled");
	else
		snprintf(now, sizeof(now), "it has ended");
	diag_evidence(d, y->last, y->thread, y->stack, "%s here before; %s", did, now);
	if (row && row->ended)
		diag_evidence(d, row->ended, y->thread, row->end_stack, "%s ended",
			      say_thread(k->p, y->thread));
}

/* Nobody is known: perhaps one of those who ended since it was made was meant to. */
static void tell_ended(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	u64 born = t->sync ? t->sync->born : t->fd->born;
	u32 told = 0;

	FOR_EACH_ROW(k->p, thread, row)
	if (row->ended && row->ended >= born && !(row->flags & TF_LIBRARY) && told++ < 2)
		diag_evidence(d, row->ended, row->serial, row->stack,
			      "%s, started here, has ended meanwhile without doing so",
			      say_thread(k->p, row->serial));
}

static void tell_fd(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	const struct st_fd *peer = t->fd->peer >= 0 ? process_fd(k->p, t->fd->peer) : NULL;
	const struct model_event *word = NULL;

	if (peer && peer->open && t->kind == WAKE_FD)
		diag_evidence(
		    d, 0, peer->thread, peer->stack,
		    "its other end, descriptor %d, is still open in this very process: opened here",
		    peer->num);
	FOR_EACH_EVENT(k->p, "other_end", e)
	if ((i32)event_int(e, "fd") == t->fd->num && event_int(e, "gen") == t->fd->gen)
		word = e;
	if (word && !event_int(word, "others"))
		diag_evidence(d, word->t, 0, 0,
			      "the kernel says that no other process holds the other end");
}

void stuck_tell_wakers(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	const struct st_sync *s = t->sync;
	u32 told = 0, known = 0;

	for (u32 i = t->party; i < t->party + t->nparties; i++) {
		const struct wake_party *y = &k->party[i];

		if (y->how != PARTY_WOKE && !(y->how == PARTY_HOLDS && y->at == WAKE_GONE))
			continue;
		known++;
		if (y->at != WAKE_GONE && stuck_same(&k->thread[y->at], t))
			continue; /* stands there, too */
		if (told++ < SHOWN)
			tell_waker(d, k, t, y);
	}
	if (!known && is_queue(t)) {
		diag_evidence(d, 0, 0, 0, "nobody ever %s it", say_stuck_done(t));
		tell_ended(d, k, t);
	}
	if (t->call == CALL_cond_wait && s && s->unheard_at && s->unheard_at <= t->since)
		diag_evidence(
		    d, s->unheard_at, s->unheard_by, s->unheard_stack,
		    "the last signal that nobody heard: %s made it here when nobody waited",
		    say_thread(k->p, s->unheard_by));
	if (t->fd)
		tell_fd(d, k, t);
}

void stuck_tell_waiters(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	u32 me = (u32)(t - k->thread), told = 0;

	for (u32 i = 0; i < k->nparties && told < SHOWN; i++) {
		const struct wake_party *y = &k->party[i];
		const struct wake_thread *w = &k->thread[y->waiter];

		if (y->at != me || w == t || !w->stuck || y->how == PARTY_COULD)
			continue;
		stuck_tell_wait(d, k, w);
		told++;
	}
}

void stuck_add_object(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	const struct st_fd *peer = t->fd && t->fd->peer >= 0 ? process_fd(k->p, t->fd->peer) : NULL;

	if (t->fd) {
		diag_fd(d, t->fd);
		diag_about(d, ABOUT_FD, (u64)t->fd->num);
		if (peer && peer->open)
			diag_fd(d, peer);
		return;
	}
	diag_sync(d, t->sync ? t->sync->serial : 0, t->addr);
	if (t->sync)
		diag_about(d, ABOUT_SYNC, t->sync->serial);
}

void stuck_about(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	u8 *on = calloc((size_t)k->n + 1, 1);
	bool changed = true;

	if (!on)
		return;
	for (u32 i = 0; i < k->n; i++)
		on[i] = k->thread[i].stuck && (k->whole || stuck_same(&k->thread[i], t));
	while (changed) {
		changed = false;
		for (u32 i = 0; i < k->nparties; i++) {
			const struct wake_party *y = &k->party[i];

			if (y->at == WAKE_GONE || !on[y->at] || on[y->waiter] ||
			    !k->thread[y->waiter].stuck)
				continue;
			on[y->waiter] = 1;
			changed = true;
		}
	}
	for (u32 i = 0; i < k->n; i++) {
		if (!on[i])
			continue;
		diag_thread(d, k->thread[i].serial);
		diag_about(d, ABOUT_THREAD, k->thread[i].serial);
	}
	free(on);
}

void stuck_role(struct diagnosis *d, const struct wake *k, const struct wake_thread *t)
{
	const struct frame *f;

	if (t->stack) {
		diag_role(d, t->stack);
		return;
	}
	f = frames_program(process_frames_pc(k->p, t->pc));
	diag_role_word(d, f && f->function ? f->function : call_name(t->call));
}
