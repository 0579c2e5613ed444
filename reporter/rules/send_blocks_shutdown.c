/* SPDX-License-Identifier: MIT */
/*
 * send-blocks-shutdown: somebody waits for the end of a thread that cannot end: it has something to
 * hand over, and nobody is left to take it. Evidence: wake.h (both are stuck), queue.h (in which
 * direction). One diagnosis for all senders of one queue. Pure; called by report.c.
 */
#include <stdlib.h>
#include <stdio.h>
#include "queue.h"
#include "rule.h"

const struct rule_text text_send_blocks_shutdown = {
    .means = "At shutdown a worker still has a result to hand over. Whoever used to read results "
	     "has stopped reading and waits for the worker's end instead: the worker waits for "
	     "its reader, the reader for the worker, and the process never ends.",
    .evidence = "A join, or a wait for the word that all have stopped, blocked on a thread that is "
		"itself blocked in a send; every thread that ever received from that queue has "
		"ended or is stuck, the one that joins among them; since when.",
    .silent = "Somebody still reads; the send has a time limit or is given up when told to stop; "
	      "the worker waits to receive (then it was never told to stop).",
    .fix = "Go on reading until all workers have ended (or read what is left before the join), or "
	   "let a send be given up when the service stops.",
    .example = "stopping = 1;                         /* the workers see this between two jobs "
	       "only */\n"
	       "pthread_join(worker, NULL);           /* … but stand in queue_put(&results) */\n",
};

/* Has everybody who took from it stopped? The thread is stuck, so those who live are stuck, too;
 * but one of them may be waiting for a value. */
static bool is_left(const struct wake *k, const struct queue_wait *q)
{
	return !queue_receiver_waits(k, q);
}

static bool ever_received(const struct wake *k, const struct queue_wait *q)
{
	FOR_EACH_ROW(k->p, role, r)
	if (queue_is_receiver(k, q, r))
		return true;
	return false;
}

/* Who waits for the end of T: by join, or for a word that only those like T could give. */
static const struct wake_thread *joiner_of(const struct wake *k, const struct wake_thread *t)
{
	for (u32 i = 0; i < k->n; i++)
		if (k->thread[i].kind == WAKE_JOIN && k->thread[i].join == t->serial)
			return &k->thread[i];
	return NULL;
}

/* All that W waits for are stuck in a send, T among them; nothing was ever heard but from those. */
static bool waits_for_stop(const struct wake *k, const struct wake_thread *w,
			   const struct wake_thread *t)
{
	struct queue_wait q;
	bool named = false;

	if (w->kind != WAKE_OBJECT || !w->stuck ||
	    (queue_of(k, w, &q) && q.dir == QUEUE_HANDS_OVER))
		return false;
	for (u32 i = w->party; i < w->party + w->nparties; i++) {
		const struct wake_party *y = &k->party[i];

		if (y->how == PARTY_HOLDS)
			return false;
		named |= y->at != WAKE_GONE && &k->thread[y->at] == t;
	}
	return named || (k->whole && w->nparties == 0);
}

static const struct wake_thread *stopper_of(const struct wake *k, const struct wake_thread *t)
{
	const struct wake_thread *j = joiner_of(k, t);

	for (u32 i = 0; i < k->n && !j; i++) {
		const struct st_thread *row = process_thread(k->p, k->thread[i].serial);

		if (row && row->flags & TF_MAIN && &k->thread[i] != t &&
		    waits_for_stop(k, &k->thread[i], t))
			j = &k->thread[i];
	}
	return j;
}

/* Where the ring, or what it stands behind, is another one, that has to be told. */
static bool is_candidate(const struct wake *k, const struct wake_thread *t, struct queue_wait *q)
{
	const struct wake_thread *j;

	if (!t->stuck || !queue_of(k, t, q) || q->dir != QUEUE_HANDS_OVER || !is_left(k, q))
		return false;
	if (q->kind != QUEUE_FD && q->kind != QUEUE_MQ && !q->said && !ever_received(k, q))
		return false;
	j = stopper_of(k, t);
	return j && (t->ring ? t->ring == j->ring : !t->behind);
}

/* ---- words
 * --------------------------------------------------------------------------------------- */
static const char *place_of(const struct wake *k, const struct wake_thread *t)
{
	const struct frames *f = process_frames(k->p, t->stack);

	return say_frame(frames_program(f->n ? f : process_frames_pc(k->p, t->pc)));
}

static void tell(struct diagnosis *d, const struct wake *k, const struct wake_thread *t,
		 const char *what)
{
	diag_thread(d, t->serial);
	if (t->stack)
		diag_evidence(d, t->since, t->serial, t->stack, "%s %s",
			      say_thread(k->p, t->serial), what);
	else
		diag_evidence_pc(d, t->since, t->serial, t->pc, "%s %s",
				 say_thread(k->p, t->serial), what);
}

static void tell_receivers(struct diagnosis *d, const struct wake *k, const struct queue_wait *q)
{
	u32 told = 0;

	FOR_EACH_ROW(k->p, role, r)
	{
		const struct wake_thread *w;

		if (told >= 4 || !queue_is_receiver(k, q, r))
			continue;
		told++;
		w = wake_find(k, r->thread);
		diag_evidence(d, r->last, r->thread, r->stack, "%s %s here before; %s%s%s",
			      say_thread(k->p, r->thread),
			      r->role == 2 ? "received from it" : "took a value and said so",
			      !w	? "it has ended"
			      : w->ends ? "it ends the process"
					: "it is blocked itself, in ",
			      !w || w->ends ? "" : call_name(w->call), !w || w->ends ? "" : "()");
	}
	if (!told)
		diag_evidence(d, 0, 0, 0, "nobody ever received from it");
}

static void say_texts(struct diagnosis *d, const struct wake *k, const struct queue_wait *q, u32 n,
		      const struct wake_thread *j)
{
	const struct wake_thread *t = q->t;
	char more[64] = "";

	if (n > 1)
		snprintf(more, sizeof(more), ", and so do %u others", n - 1);
	diag_title(d, "%s waits in %s for %s, which is stuck in a send that nobody will take",
		   say_thread(k->p, j->serial), place_of(k, j), say_thread(k->p, t->serial));
	diag_what(
	    d,
	    "%s has stood in %s, in %s(), for %s: it has something to hand over through %s, and "
	    "nobody is left who would take it%s. %s has waited for its end in %s for %s.",
	    say_thread(k->p, t->serial), place_of(k, t), call_name(t->call),
	    say_time(k->seen > t->since ? k->seen - t->since : 0), say_queue(k, q), more,
	    say_thread(k->p, j->serial), place_of(k, j),
	    say_time(k->seen > j->since ? k->seen - j->since : 0));
	diag_why(
	    d,
	    "The worker looks at a request to stop only between two jobs, and it will not get "
	    "there: its send ends when somebody receives, and whoever did has stopped and waits "
	    "for the worker.%s",
	    k->whole ? " No thread of the process can go on." : "");
	diag_fix(
	    d,
	    "Go on receiving until all senders have ended, and join them then; or let the send be "
	    "given up when the service stops (%s).",
	    q->kind == QUEUE_FD ? "close the reading end first, or poll for room and for the stop "
				  "together"
	    : q->kind == QUEUE_MQ ? "mq_timedsend in a loop that looks at the stop"
	    : q->kind == QUEUE_SEM
		? "set the stop and post what it waits for"
		: "look at the stop in the loop around the wait, and broadcast when it is set");
}

static void say(struct findings *out, const struct wake *k, const struct queue_wait *q, u32 n)
{
	const struct wake_thread *j = stopper_of(k, q[0].t);
	bool certain = q[0].t->stuck == WAKE_CERTAIN;
	struct diagnosis *d = diag_new(out, SEV_ERROR, certain ? CONF_CERTAIN : CONF_LIKELY);

	say_texts(d, k, q, n, j);
	diag_count(d, 1);
	tell(d, k, j, "waits here for it to end");
	for (u32 i = 0; i < n; i++) {
		if (i < 4)
			tell(d, k, q[i].t, "is blocked here with something to hand over");
		diag_thread(d, q[i].t->serial);
		diag_about(d, ABOUT_THREAD, q[i].t->serial);
		if (q[i].at.sync)
			diag_about(d, ABOUT_SYNC, q[i].at.sync->serial);
	}
	tell_receivers(d, k, q);
	for (u32 i = 0; i < k->n; i++) /* whoever hangs on them */
		if (k->thread[i].stuck && (k->whole || k->thread[i].behind || &k->thread[i] == j ||
					   joiner_of(k, q[0].t) == &k->thread[i]))
			diag_about(d, ABOUT_THREAD, k->thread[i].serial);
	if (q->at.sync)
		diag_sync(d, q->at.sync->serial, q->at.sync->addr);
	else
		diag_fd(d, q->at.fd);
	diag_role_word(d, call_name(q->t->call));
	if (q->t->stack)
		diag_role(d, q->t->stack);
	if (j->stack)
		diag_role(d, j->stack);
}

/* Those who stand in the same queue, or at the same place, are told together. */
static bool told_together(const struct wake *k, const struct queue_wait *a,
			  const struct queue_wait *b)
{
	return queue_same_place(k, a, b) || (a->at.kind == b->at.kind && a->at.obj == b->at.obj);
}

void rule_send_blocks_shutdown(const struct model_process *p, struct findings *out)
{
	struct wake k;
	struct queue_wait *q = NULL;
	u32 n = 0;

	if (p->facts.ended == ENDED_EXEC)
		return;
	if (wake_make(&k, p) == 0 && k.nstuck)
		q = calloc((size_t)k.n + 1, sizeof(*q));
	for (u32 i = 0; q && i < k.n; i++)
		n += is_candidate(&k, &k.thread[i], &q[n]);
	for (u32 i = 0, same; i < n; i += same) {
		same = queue_gather(&k, q + i, n - i, told_together);
		say(out, &k, q + i, same);
	}
	free(q);
	wake_free(&k);
}
