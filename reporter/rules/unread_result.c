/* SPDX-License-Identifier: MIT */
/*
 * unread-result-queue: threads that have one thing to hand over and wait for ever until somebody
 * takes it. Evidence: queue.h; who waits, what it announced, that nobody received since. One
 * diagnosis for all that wait at one place. Pure; called by report.c.
 */
#include <stdlib.h>
#include "queue.h"
#include "rule.h"

#define FLIGHT 200000000u /* ns: a thread that was woken runs by then */
#define OLD_NS                                                                                     \
	1000000000u /* waits longer than any receiver is late, in a process that was killed */
#define MANY_OLD 8u

const struct rule_text text_unread_result = {
    .means = "A function starts a worker for one result and returns without taking it, on some "
	     "path: the answer was found elsewhere, an error, a timeout. The worker waits until "
	     "its result is taken, which never happens; its stack, its locks and all it "
	     "holds stay for ever. Every such call leaves one thread behind.",
    .evidence = "Threads blocked in the hand-over: they announced a value (posted, signalled, "
		"wrote) and wait for it to be taken, or wait for room in a queue that is full. "
		"Nobody has received from the queue since and nobody is waiting to. Judged when "
		"the process ends, and while it runs if their number keeps growing.",
    .silent = "The queue has room for the value; a receiver lives that has taken from it before, "
	      "or the function that started the worker has not returned yet; threads that wait "
	      "to receive; queues whose other end another process holds.",
    .fix = "Give the queue room for the one result, so that the worker can leave it and end; or "
	   "take the result on every way out; or tell the worker to give up.",
    .example = "pthread_create(&t, NULL, expensive, call);   /* posts call->done, then waits for "
	       "call->taken */\n"
	       "if (cache_find(key, &value))\n"
	       "        return value;                        /* nobody will take the result */\n"
	       "sem_wait(&call->done);\n",
};

/* ---- one thread
 * ---------------------------------------------------------------------------------- */
/* It has said one thing, and nobody has answered it yet. */
static bool is_one_result(const struct queue_wait *q)
{
	if (!q->said || (q->kind == QUEUE_SEM && q->at.sync->value)) /* waits for room */
		return true;
	if (q->kind == QUEUE_MONITOR && q->said->count > 1)
		return false;
	return q->waited && q->waited->count <= 1;
}

/* Somebody who has received from it before could come again. */
static bool receiver_lives(const struct wake *k, const struct queue_wait *q)
{
	FOR_EACH_ROW(k->p, role, r)
	{
		const struct wake_thread *w =
		    queue_is_receiver(k, q, r) ? wake_find(k, r->thread) : NULL;

		if (w && !w->ends && w->stuck == WAKE_FREE)
			return true;
	}
	return false;
}

/* The call that started it has not come back: it may yet ask for the result. */
static bool starter_may_ask(const struct wake *k, const struct queue_wait *q)
{
	const struct st_thread *row = process_thread(k->p, q->t->serial);
	const struct wake_thread *w = row ? wake_find(k, row->parent) : NULL;

	if (!w || w->ends || w->stuck)
		return false;
	return !w->live->wait_call || !row->creator_cfa || w->live->wait_sp < row->creator_cfa;
}

/* Somebody was just let go that may not run yet. */
static bool in_flight(const struct wake *k, const struct queue_wait *q)
{
	const struct st_sync *s = q->at.sync;

	return s && s->woken && s->woken >= q->t->since && k->seen < s->woken + FLIGHT;
}

static bool is_candidate(const struct wake *k, const struct wake_thread *t, struct queue_wait *q)
{
	const struct st_thread *row = process_thread(k->p, t->serial);

	return row && !(row->flags & (TF_MAIN | TF_ADOPTED | TF_LIBRARY | TF_JOINING)) &&
	       queue_of(k, t, q) && q->dir == QUEUE_HANDS_OVER;
}

/* Nobody has received since, nobody waits to. */
static bool is_left(const struct wake *k, const struct queue_wait *q)
{
	return is_one_result(q) && !queue_was_received(k, q) && !queue_receiver_waits(k, q) &&
	       !in_flight(k, q);
}

/* ---- those of one place
 * -------------------------------------------------------------------------- */
struct group {
	struct queue_wait *q;
	u32 n, old;
	const struct queue_wait *first; /* the oldest */
	const struct st_site *site;
	bool growing;
};

/* May it be said? At the end of the process; before, only from numbers. */
static bool may_judge(const struct wake *k, const struct group *g)
{
	if (g->growing)
		return true;
	for (u32 i = 0; i < g->n; i++)
		if (receiver_lives(k, &g->q[i]) || starter_may_ask(k, &g->q[i]))
			return false;
	if (process_ended_on_purpose(k->p))
		return true;
	return k->p->facts.ended == ENDED_KILLED && g->old >= MANY_OLD;
}

static const char *place_of(const struct wake *k, const struct wake_thread *t)
{
	const struct frames *f = process_frames(k->p, t->stack);

	return say_frame(frames_program(f->n ? f : process_frames_pc(k->p, t->pc)));
}

static void tell_thread(struct diagnosis *d, const struct wake *k, const struct queue_wait *q)
{
	const struct wake_thread *t = q->t;

	if (q->said)
		diag_evidence(d, q->said->last, t->serial, q->said->stack,
			      "%s announced its value here", say_thread(k->p, t->serial));
	if (t->stack)
		diag_evidence(d, t->since, t->serial, t->stack, "%s waits here in %s() until %s",
			      say_thread(k->p, t->serial), call_name(t->call),
			      q->said ? "it is taken" : "there is room for its value");
	else
		diag_evidence_pc(d, t->since, t->serial, t->pc, "%s waits here in %s() until %s",
				 say_thread(k->p, t->serial), call_name(t->call),
				 q->said ? "it is taken" : "there is room for its value");
}

static void say_what(struct diagnosis *d, const struct wake *k, const struct group *g)
{
	const struct queue_wait *q = g->first;
	const struct st_thread *row = process_thread(k->p, q->t->serial);
	const char *one = g->n == 1 ? "" : "s";

	diag_title(d,
		   "%u thread%s from %s wait%s in %s for somebody to take a result nobody asks for",
		   g->n, one, say_place(k->p, row->stack), g->n == 1 ? "s" : "", place_of(k, q->t));
	diag_what(
	    d,
	    "%u thread%s started in %s %s blocked in %s, in %s(), with a result in hand: %s %s, "
	    "and nobody has received from it since or is waiting to. The first has stood there "
	    "for %s.%s",
	    g->n, one, say_place(k->p, row->stack), g->n == 1 ? "is" : "are", place_of(k, q->t),
	    call_name(q->t->call), q->said ? "it was announced in" : "there is no room for it in",
	    say_queue(k, q), say_time(k->seen > q->t->since ? k->seen - q->t->since : 0),
	    g->growing ? " Their number keeps growing." : "");
}

/* Both ends stay open for nothing. */
static void about_fd(struct diagnosis *d, const struct wake *k, const struct st_fd *f)
{
	const struct st_fd *peer = f->peer >= 0 ? process_fd(k->p, f->peer) : NULL;

	diag_about(d, ABOUT_FD, (u64)f->num);
	if (peer && peer->open)
		diag_about(d, ABOUT_FD, (u64)peer->num);
}

static void say(struct findings *out, const struct wake *k, const struct group *g)
{
	const struct queue_wait *q = g->first;
	const struct st_thread *row = process_thread(k->p, q->t->serial);
	struct diagnosis *d =
	    diag_new(out, g->growing ? SEV_ERROR : SEV_WARNING,
		     q->kind == QUEUE_FD || q->kind == QUEUE_MQ ? CONF_CERTAIN : CONF_LIKELY);

	say_what(d, k, g);
	diag_why(
	    d,
	    "Whoever starts such a worker and returns without taking its result leaves a thread "
	    "behind for ever, with its stack and all it holds: %u of the %u started here so "
	    "far.",
	    g->n, g->site && g->site->made > g->n ? g->site->made : g->n);
	diag_fix(
	    d, "Give the queue room for the one result, so that the worker can leave it there and "
	       "end; or take the result on every way out of the function that started it.");
	diag_count(d, g->n);
	diag_evidence(d, row->born, row->parent, row->stack, "%u such threads were started here%s",
		      g->site ? g->site->made : g->n,
		      g->growing ? "; more are left each time we looked" : "");
	for (u32 i = 0; i < g->n; i++) {
		const struct queue_wait *w = &g->q[i];

		diag_thread(d, w->t->serial);
		diag_about(d, ABOUT_THREAD, w->t->serial);
		if (w->at.sync)
			diag_about(d, ABOUT_SYNC, w->at.sync->serial);
		if (w->value.fd)
			about_fd(d, k, w->value.fd);
		if (i < 3)
			tell_thread(d, k, w);
	}
	if (q->value.sync)
		diag_sync(d, q->value.sync->serial, q->value.sync->addr);
	if (q->value.fd)
		diag_fd(d, q->value.fd);
	diag_role(d, row->stack);
	if (q->t->stack)
		diag_role(d, q->t->stack);
}

static void judge(struct findings *out, const struct wake *k, struct queue_wait *q, u32 n)
{
	const struct st_thread *row = process_thread(k->p, q->t->serial);
	struct group g = {.q = q, .n = n, .first = q};
	bool left = false;

	g.site = process_site(k->p, SITE_thread, row->site, row->stack);
	g.growing = g.site && g.site->flags & XF_GROWING;
	for (u32 i = 0; i < n; i++) {
		left |= is_left(k, &q[i]);
		g.old += q[i].t->since + OLD_NS < k->seen;
		if (q[i].t->since < g.first->t->since)
			g.first = &q[i];
	}
	if (left && may_judge(k, &g))
		say(out, k, &g);
}

void rule_unread_result(const struct model_process *p, struct findings *out)
{
	struct wake k;
	struct queue_wait *q = NULL;
	u32 n = 0;

	if (p->facts.ended == ENDED_EXEC)
		return;
	if (wake_make(&k, p) == 0)
		q = calloc((size_t)k.n + 1, sizeof(*q));
	for (u32 i = 0; q && i < k.n; i++)
		n += is_candidate(&k, &k.thread[i], &q[n]);
	for (u32 i = 0, same; i < n; i += same) {
		same = queue_gather(&k, q + i, n - i, queue_same_place);
		judge(out, &k, q + i, same);
	}
	free(q);
	wake_free(&k);
}
