/* SPDX-License-Identifier: MIT */
/*
 * unjoined-thread: joinable threads that were neither joined nor detached, by birth site. Evidence:
 * rows of thread. Pure; called by report.c.
 */
#include <stdlib.h>
#include "rule.h"

#define OLD_NS                                                                                     \
	1000000000u /* ended this long before we looked: its joiner is not merely on the way */
#define MANY_OLD 8u /* such threads of one site in a process that still runs, or was killed */

const struct rule_text text_unjoined_thread = {
    .means = "A joinable thread was started and never joined nor detached. When it ends, its stack "
	     "and its result stay until "
	     "somebody joins it, so a program that does this again and again runs out of memory "
	     "and threads; and nobody "
	     "knows whether its work was done when the process ended.",
    .evidence =
	"Where the threads were started; which of them had ended and which still ran at the exit. "
	"In a process that runs "
	"on or was killed: eight or more that ended long since, or a count that keeps growing.",
    .silent = "Detached threads; threads that a library started for itself; threads whose birth "
	      "was not seen. A fixed set of "
	      "threads, started once, that sit idle in their usual wait when the process ends on "
	      "purpose, is a note.",
    .fix = "Keep the handle and join it before its owner ends, or create the thread detached if "
	   "nobody needs its end.",
    .example = "pthread_t t;\n"
	       "pthread_create(&t, NULL, upload, file);\n"
	       "return 0;                    /* t is lost: pthread_join() or pthread_detach() is "
	       "missing */\n",
};

struct group { /* threads of one birth site that nobody joined */
	const struct st_thread **row;
	u32 n, ended, old, idle, busy;
	u32 locked; /* of the busy: they wait for a lock or a join */
};

/* It ended, or lives: a row of neither is left from elsewhere (a parent that went on while a fork
 * copied its tables). */
static bool is_real(const struct model_process *p, const struct st_thread *t)
{
	const struct st_live *v = process_live(p, t->serial);

	return t->flags & TF_ENDED || t->ended || (v && v->tid == t->tid);
}

/* Lives, and one of the system's libraries has it: OpenMP's, GLib's pools. It waits in ways of its
 * own that are not seen, and ends with the process. One that ended was handed to the program. */
static bool is_kept_by_library(const struct model_process *p, const struct st_thread *t)
{
	const struct st_site *s = process_site(p, SITE_thread, t->site, t->stack);

	return !(t->flags & TF_ENDED || t->ended) && !(s && s->flags & XF_GROWING) &&
	       (t->flags & TF_LIBRARY || frames_of_library(p, process_frames(p, t->stack)));
}

/* `ender` called exit(): nobody could join it before. */
static bool is_candidate(const struct model_process *p, const struct st_thread *t, u32 ender)
{
	return t->serial != ender && is_real(p, t) &&
	       !(t->flags &
		 (TF_DETACHED | TF_JOINED | TF_MAIN | TF_ADOPTED | TF_FORKED | TF_JOINING)) &&
	       !t->joined && !is_kept_by_library(p, t);
}

/* Sits in a wait that work ends: a lock, a join or computing is none. */
static bool is_idle(const struct model_process *p, const struct st_thread *t)
{
	const struct st_live *v = process_live(p, t->serial);

	switch (v ? call_class(v->wait_call) : CLASS_NONE) {
	case CLASS_NONE:
	case CLASS_LOCK:
	case CLASS_JOIN:
	case CLASS_SPIN:
		return false;
	default:
		return true;
	}
}

static struct group group_of(const struct model_process *p, const struct st_thread **row, u32 n)
{
	struct group g = {.row = row};

	for (; g.n < n && row[g.n]->stack == row[0]->stack; g.n++) {
		const struct st_thread *t = row[g.n];

		if (t->flags & TF_ENDED || t->ended) {
			g.ended++;
			g.old += t->ended && t->ended + OLD_NS < p->facts.ended_at;
		} else if (is_idle(p, t)) {
			g.idle++;
		} else {
			const struct st_live *v = process_live(p, t->serial);

			g.busy++;
			g.locked += v && v->wait_call;
		}
	}
	return g;
}

/* The threads of this site are all there ever were: none came and went. */
static bool is_fixed_set(const struct group *g, const struct st_site *s)
{
	return g->ended == 0 && (!s || (s->made == g->n && !(s->flags & XF_GROWING)));
}

static void say(struct diagnosis *d, const struct model_process *p, const struct group *g,
		bool growing)
{
	const char *place = say_place(p, g->row[0]->stack), *s = g->n == 1 ? "" : "s";

	diag_title(d, "%u thread%s from %s %s never joined", g->n, s, place,
		   g->n == 1 ? "was" : "were");
	diag_what(d,
		  "%u joinable thread%s started in %s %s neither joined nor detached: %u had "
		  "ended, %u waited for work, %u waited for a lock or a join, %u "
		  "still ran when the process %s.",
		  g->n, s, place, g->n == 1 ? "was" : "were", g->ended, g->idle, g->locked,
		  g->busy - g->locked, p->facts.ended == ENDED_RUNNING ? "was looked at" : "ended");
	if (g->busy && g->busy == g->locked)
		diag_why(d, "The end of the process cuts them off there: what they were to do with "
			    "the lock is not done.");
	else if (g->busy)
		diag_why(d, "The end of the process cuts a thread off wherever it is: what it was "
			    "writing stays half done.");
	else if (g->ended)
		diag_why(d, "Each ended thread that nobody joins keeps its stack and its record%s.",
			 growing ? ", and their number keeps growing" : "");
	else
		diag_why(d, "They wait for work while the process ends; harmless as long as what "
			    "they hold needs no end of its own.");
	diag_fix(d, "Join them before their owner ends (tell them to stop first), or detach them "
		    "if nobody needs their end.");
}

static void judge(const struct model_process *p, struct findings *out, const struct group *g)
{
	const struct st_site *s = process_site(p, SITE_thread, g->row[0]->site, g->row[0]->stack);
	bool growing = s && s->flags & XF_GROWING, purpose = process_ended_on_purpose(p);
	bool quiet = purpose && !g->busy && is_fixed_set(g, s);
	struct diagnosis *d;

	if (!purpose && !growing && g->old < MANY_OLD)
		return;
	d = diag_new(out, quiet ? SEV_NOTE : SEV_WARNING, CONF_CERTAIN);
	say(d, p, g, growing);
	diag_count(d, g->n);
	diag_role(d, g->row[0]->stack);
	diag_evidence(d, g->row[0]->born, g->row[0]->parent, g->row[0]->stack, "%u started here%s",
		      s ? s->made : g->n, growing ? "; more each time we looked" : "");
	for (u32 i = 0; i < g->n; i++) {
		const struct st_thread *t = g->row[i];
		const struct st_live *v = process_live(p, t->serial);

		diag_thread(d, t->serial);
		diag_about(d, ABOUT_THREAD, t->serial);
		if (i >= 4)
			continue;
		if (t->ended)
			diag_evidence(d, t->ended, t->serial, t->end_stack, "%s ended",
				      say_thread(p, t->serial));
		else if (v && v->wait_call)
			diag_evidence(d, v->wait_since, t->serial, v->wait_stack,
				      "%s waits in %s()", say_thread(p, t->serial),
				      call_name(v->wait_call));
	}
}

static int row_compare(const void *a, const void *b)
{
	const struct st_thread *x = *(const struct st_thread *const *)a,
			       *y = *(const struct st_thread *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

void rule_unjoined_thread(const struct model_process *p, struct findings *out)
{
	const struct st_thread **row = malloc((p->thread.n + 1) * sizeof(*row));
	u32 n = 0, ender = process_ender(p);

	if (!row)
		return;
	FOR_EACH_ROW(p, thread, t)
	if (is_candidate(p, t, ender))
		row[n++] = t;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct group g = group_of(p, row + i, n - i);

		judge(p, out, &g);
		i += g.n;
	}
	free(row);
}
