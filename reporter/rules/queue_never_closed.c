/* SPDX-License-Identifier: MIT */
/*
 * queue-never-closed: consumers that wait for more when nobody is left who will send, and whom
 * nobody told so. Evidence: queue.h; who sent and what became of them. Judged at the end of the
 * process, or when all of it is stuck. One diagnosis for the consumers of one place. Pure.
 */
#include <stdlib.h>
#include "queue.h"
#include "rule.h"

#define GOES_ON 100000000u /* ns: the process did other things after the last item */

const struct rule_text text_queue_never_closed = {
    .means = "A consumer takes items from a queue in a loop; its producer sends what it has and "
	     "goes on, or ends, without closing the queue or telling the consumer that nothing "
	     "more will come. The consumer waits for ever, with its stack and all it holds, "
	     "once for every such queue.",
    .evidence = "A thread blocked in receive when the process ended, or with everything stuck, "
		"after it had received before; every thread that ever sent there has ended, or "
		"is the one that ends the process; nobody joins the consumer.",
    .silent = "Consumers that are told to stop and joined; senders that live; queues fed by signal "
	      "handlers, timers or other processes; threads of libraries. A fixed set of "
	      "workers, started once and idle when the process ends, is a note.",
    .fix = "Close the queue when its last sender is done (close the descriptor, send a last item, "
	   "or set a flag under the mutex and broadcast), let the consumer's loop end at that, "
	   "and join it.",
    .example = "for (int i = 0; i < n; i++)\n"
	       "        queue_put(q, item[i]);\n"
	       "return;                  /* queue_close(q) and pthread_join() are missing */\n",
};

/* ---- one consumer
 * -------------------------------------------------------------------------------- */
/* It has received at least once: this wait is not its first, or it has answered one. */
static bool has_received(const struct wake *k, const struct queue_wait *q)
{
	u32 n;
	const struct st_role *const *row = wake_roles_by(k, q->t->serial, &n);

	if (q->waited && q->waited->count >= 2)
		return true;
	if (q->kind == QUEUE_FD)
		return q->waited && q->at.fd->reads >= 2;
	for (u32 i = 0; i < n; i++) {
		const struct st_sync *s =
		    row[i]->kind == 1 && row[i]->role == 1 ? process_sync(k->p, row[i]->obj) : NULL;

		if (q->kind == QUEUE_MONITOR && s && s->kind == SYNC_cond && s->with &&
		    s->with == q->t->live->wait_with)
			return true;
	}
	return false;
}

/* Of those who ever sent to it: is one left who could again? Any at all? */
static bool senders_are_done(const struct wake *k, const struct queue_wait *q,
			     const struct st_role **last)
{
	*last = NULL;
	FOR_EACH_ROW(k->p, role, r)
	{
		const struct wake_thread *w;

		if (!queue_is_sender(k, q, r))
			continue;
		w = wake_find(k, r->thread);
		if (r->flags & (RF_HANDLER | RF_TIMER) || (w && !w->ends && !w->stuck))
			return false;
		if (!*last || r->last > (*last)->last)
			*last = r;
	}
	return *last != NULL;
}

static bool is_joined(const struct wake *k, u32 serial)
{
	for (u32 i = 0; i < k->n; i++)
		if (k->thread[i].live->wait_call == CALL_join &&
		    k->thread[i].live->wait_obj == serial)
			return true;
	return false;
}

static bool is_candidate(const struct wake *k, const struct wake_thread *t, struct queue_wait *q)
{
	const struct st_thread *row = process_thread(k->p, t->serial);
	const struct st_role *last;

	return row &&
	       !(row->flags & (TF_MAIN | TF_ADOPTED | TF_LIBRARY | TF_JOINING | TF_JOINED)) &&
	       queue_of(k, t, q) && q->dir == QUEUE_RECEIVES && has_received(k, q) &&
	       senders_are_done(k, q, &last) && !is_joined(k, t->serial) &&
	       (process_ended_on_purpose(k->p) || t->stuck);
}

/* ---- does it matter?
 * ----------------------------------------------------------------------------- */
struct group {
	struct queue_wait *q;
	u32 n, queues;
	const struct st_site *site;
	const struct st_role *last; /* the last one that sent to the first one's queue */
};

static bool has_frame(const struct frames *f, const struct frame *x)
{
	for (u32 i = 0; i < f->n; i++)
		if (f->f[i].offset == x->offset && f->f[i].line == x->line &&
		    f->f[i].module == x->module && f->f[i].program)
			return true;
	return false;
}

static bool ends_inside(const struct wake *k, const struct frame *x)
{
	FOR_EACH_EVENT(k->p, "end", e)
	if (has_frame(process_frames(k->p, (u32)event_int(e, "stack")), x))
		return true;
	return false;
}

/* One call started the consumer and sent its items, and has returned: the queue was its own. */
static bool starter_returned(const struct wake *k, const struct st_thread *row,
			     const struct st_role *last)
{
	const struct frames *birth = process_frames(k->p, row->stack),
			    *sent = process_frames(k->p, last->stack);

	if (row->parent != last->thread || k->seen < last->last + GOES_ON)
		return false;
	for (u32 i = 1; i < birth->n; i++)
		if (!birth->f[i - 1].inlined && birth->f[i].program &&
		    has_frame(sent, &birth->f[i]))
			return !ends_inside(k, &birth->f[i]);
	return false;
}

static bool starter_ended(const struct wake *k, const struct st_thread *row)
{
	return row->parent && !wake_find(k, row->parent);
}

static bool is_fault(const struct wake *k, const struct group *g)
{
	const struct st_thread *row = process_thread(k->p, g->q[0].t->serial);

	return g->queues > 1 || (g->site && g->site->flags & XF_GROWING) || starter_ended(k, row) ||
	       starter_returned(k, row, g->last) || !process_ended_on_purpose(k->p);
}

/* ---- words
 * --------------------------------------------------------------------------------------- */
static const char *place_of(const struct wake *k, const struct wake_thread *t)
{
	const struct frames *f = process_frames(k->p, t->stack);

	return say_frame(frames_program(f->n ? f : process_frames_pc(k->p, t->pc)));
}

static void tell_senders(struct diagnosis *d, const struct wake *k, const struct queue_wait *q)
{
	u32 told = 0;

	FOR_EACH_ROW(k->p, role, r)
	{
		const struct st_thread *row;

		if (told >= 4 || !queue_is_sender(k, q, r))
			continue;
		told++;
		row = process_thread(k->p, r->thread);
		diag_evidence(d, r->last, r->thread, r->stack, "%s sent to it from here; %s",
			      say_thread(k->p, r->thread),
			      !wake_find(k, r->thread) ? "it has ended"
			      : wake_find(k, r->thread)->ends
				  ? "it sends no more: it ends the process"
				  : "it is stuck itself");
		if (row && row->ended)
			diag_evidence(d, row->ended, r->thread, row->end_stack, "%s ended",
				      say_thread(k->p, r->thread));
	}
}

static void tell_wait(struct diagnosis *d, const struct wake *k, const struct queue_wait *q)
{
	const struct wake_thread *t = q->t;

	diag_thread(d, t->serial);
	if (t->stack)
		diag_evidence(d, t->since, t->serial, t->stack, "%s waits here in %s() for more",
			      say_thread(k->p, t->serial), call_name(t->call));
	else
		diag_evidence_pc(d, t->since, t->serial, t->pc, "%s waits here in %s() for more",
				 say_thread(k->p, t->serial), call_name(t->call));
}

static void say_texts(struct diagnosis *d, const struct wake *k, const struct group *g, bool fault)
{
	const struct queue_wait *q = &g->q[0];
	const struct st_thread *row = process_thread(k->p, q->t->serial);
	const char *s = g->n == 1 ? "" : "s";
	u64 waited = k->seen > q->t->since ? k->seen - q->t->since : 0;

	diag_title(d, "%u consumer%s started in %s still wait%s in %s: nobody closed the queue",
		   g->n, s, say_place(k->p, row->stack), g->n == 1 ? "s" : "", place_of(k, q->t));
	diag_what(
	    d,
	    "%u thread%s waited for more items in %s, in %s(), when the process %s; the first for "
	    "%s, on %s. Whoever sent to it has ended or sends no more, nobody told the "
	    "consumer%s to stop, and nobody joined %s.",
	    g->n, s, place_of(k, q->t), call_name(q->t->call),
	    process_ended_on_purpose(k->p) ? "ended" : "was last seen", say_time(waited),
	    say_queue(k, q), s, g->n == 1 ? "it" : "them");
	if (!fault)
		diag_why(d,
			 "A fixed set of workers that idles until the process ends does no harm, "
			 "unless what they hold needs an end of its own.");
	else if (g->queues > 1)
		diag_why(
		    d,
		    "Each queue leaves its consumer behind, %u so far: a thread, its stack and "
		    "all it holds, for the rest of the run.",
		    g->n);
	else
		diag_why(d,
			 "What started the consumer and fed it is over, the process goes on: the "
			 "thread, its stack and all it holds stay for nothing.");
	diag_fix(
	    d,
	    "Close the queue when the last sender is done (%s), let the consumer's loop end at "
	    "that, and join it.",
	    q->kind == QUEUE_FD	       ? "close() every copy of the writing end"
	    : q->kind == QUEUE_MONITOR ? "set a flag under the mutex and broadcast"
	    : q->kind == QUEUE_SEM     ? "set a flag and post once for each consumer"
				       : "send a last message that says so");
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
	bool fault = is_fault(k, g);
	struct diagnosis *d = diag_new(out, fault ? SEV_WARNING : SEV_NOTE, CONF_LIKELY);
	const struct queue_wait *q = &g->q[0];
	const struct st_thread *row = process_thread(k->p, q->t->serial);

	say_texts(d, k, g, fault);
	diag_count(d, g->n);
	diag_evidence(d, row->born, row->parent, row->stack, "started here, %u in all",
		      g->site ? g->site->made : g->n);
	tell_wait(d, k, q);
	tell_senders(d, k, q);
	for (u32 i = 0; i < g->n; i++) {
		diag_thread(d, g->q[i].t->serial);
		diag_about(d, ABOUT_THREAD, g->q[i].t->serial);
		if (g->q[i].at.fd)
			about_fd(d, k, g->q[i].at.fd);
	}
	if (q->at.fd)
		diag_fd(d, q->at.fd);
	else
		diag_sync(d, q->at.sync->serial, q->at.sync->addr);
	diag_role(d, row->stack);
	if (q->t->stack)
		diag_role(d, q->t->stack);
}

/* ---- those of one place
 * -------------------------------------------------------------------------- */
static bool same_queue(const struct queue_wait *a, const struct queue_wait *b)
{
	return a->at.kind == b->at.kind && a->at.obj == b->at.obj;
}

static u32 count_queues(const struct group *g)
{
	u32 queues = 0;

	for (u32 i = 0; i < g->n; i++) {
		bool known = false;

		for (u32 j = 0; j < i && !known && j < 64; j++)
			known = same_queue(&g->q[i], &g->q[j]);
		queues += !known;
	}
	return queues;
}

static void judge(struct findings *out, const struct wake *k, struct queue_wait *q, u32 n)
{
	const struct st_thread *row = process_thread(k->p, q->t->serial);
	struct group g = {.q = q, .n = n};

	if (!senders_are_done(k, q, &g.last))
		return;
	g.site = process_site(k->p, SITE_thread, row->site, row->stack);
	g.queues = count_queues(&g);
	say(out, k, &g);
}

/* All that is left are such consumers: the process cannot end. With anything else stuck, that is
 * what has to be told. */
static bool only_consumers(const struct wake *k, u32 n)
{
	return k->whole && n == k->n;
}

void rule_queue_never_closed(const struct model_process *p, struct findings *out)
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
	if (!process_ended_on_purpose(p) && !only_consumers(&k, n))
		n = 0;
	for (u32 i = 0, same; i < n; i += same) {
		same = queue_gather(&k, q + i, n - i, queue_same_place);
		judge(out, &k, q + i, same);
	}
	free(q);
	wake_free(&k);
}
