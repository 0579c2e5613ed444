/* SPDX-License-Identifier: MIT */
/*
 * timer-leak and timer-accumulation: timers that nobody will delete, and timers of one place that
 * pile up. Evidence: rows of timer by birth site. Pure; called by report.c. Periodic ones that
 * nobody reads are ticker_leak.c's.
 */
#include <stdlib.h>
#include "rule.h"

#define SEVERAL 4u
#define FEW	2u /* whose threads have all ended */

const struct rule_text text_timer_leak = {
    .means = "A timer was made and its creator is gone (the call returned, the thread ended) "
	     "without deleting it: nobody has "
	     "it in hand any more. Each keeps a slot of RLIMIT_SIGPENDING or a descriptor.",
    .evidence =
	"Where the timers were made, how many of them still exist, and that their creating "
	"calls have returned, their threads have ended, or that each fired once and was left "
	"for a newer one. A warning from four of one place on, from two where the threads "
	"that made them have ended; a note below.",
    .silent = "Timers whose creating call is still there; timers of a place that deletes most of "
	      "them, or that are armed again and again (somebody has them in hand), and one kept "
	      "for the life of the process, are a "
	      "note. In a process that still runs or was killed only growth counts.",
    .fix = "timer_delete() or close() on every way out of the operation the timer was made for.",
    .example =
	"timer_create(CLOCK_MONOTONIC, &ev, &deadline);\ntimer_settime(deadline, 0, &in_5_s, "
	"NULL);\n"
	"answer(request);\nreturn;                     /* timer_delete(deadline) is missing */\n",
};

const struct rule_text text_timer_accumulation = {
    .means = "Timers made at one place pile up: each ticks, each tick is handled, and none is ever "
	     "deleted. The work of handling "
	     "them grows until it is all the process does.",
    .evidence = "Several living timers of one place whose ticks are taken, most of those ever made "
		"there; or timer_create() that "
		"failed with EAGAIN, or 90 % of RLIMIT_SIGPENDING.",
    .silent = "Timers that are deleted as new ones come.",
    .fix = "Keep one timer and arm it again, or delete each one with what it was made for.",
    .example = "void on_connect(struct conn *c) { c->tick = every_second(check, c); }\n"
	       "void on_close(struct conn *c) { free(c); }    /* its timer goes on */\n",
};

struct pile { /* living timers of one site */
	const struct st_timer **row;
	u32 n, lost, orphans, fired, taken, rearmed, periodic;
};

static bool is_alive(const struct st_timer *t)
{
	return (t->kind == TIMER_posix || t->kind == TIMER_timerfd) && !(t->flags & MF_DELETED) &&
	       !t->died;
}

static int row_compare(const void *a, const void *b)
{
	const struct st_timer *x = *(const struct st_timer *const *)a,
			      *y = *(const struct st_timer *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* Fired for the one time it was armed for, before the next one was made at its place. */
static bool is_spent(const struct st_timer *t, const struct st_timer *next)
{
	return !t->interval && t->arms == 1 && t->armed + t->value <= next->armed;
}

static struct pile pile_of(const struct st_timer **row, u32 n)
{
	struct pile l = {.row = row};

	for (; l.n < n && row[l.n]->stack == row[0]->stack; l.n++) {
		const struct st_timer *t = row[l.n];

		l.lost += (t->flags & (MF_RETURNED | MF_CREATOR_ENDED)) != 0;
		l.orphans += (t->flags & MF_CREATOR_ENDED) != 0;
		l.fired += l.n && is_spent(row[l.n - 1], t);
		l.taken += t->interval && t->flags & (MF_CONSUMED | MF_ARMED) &&
			   (t->consumed || t->flags & MF_CONSUMED);
		l.rearmed += t->arms > 1;
		l.periodic += t->interval != 0;
	}
	return l;
}

/* Their creators are through with them. */
static bool is_left(const struct pile *l)
{
	return l->lost || (l->n >= SEVERAL && l->fired * 4 >= (l->n - 1) * 3);
}

/* Few of those ever made there were deleted. */
static bool is_pile(const struct pile *l, const struct st_site *s)
{
	bool many =
	    l->n >= SEVERAL ? l->lost * 2 > l->n || is_left(l) : l->n >= FEW && l->orphans == l->n;

	return many && (!s || s->gone <= l->n);
}

static void timers_tell(struct diagnosis *d, const struct pile *l, const struct st_site *s)
{
	const struct st_timer *t = l->row[0], *last = l->row[l->n - 1];

	diag_count(d, l->n);
	diag_role(d, t->stack);
	diag_evidence(d, t->born, t->thread, t->stack,
		      "%u made here, %u still exist, %u at once at most", s ? s->made : l->n, l->n,
		      s ? s->peak : l->n);
	if (last->arm_stack)
		diag_evidence(d, last->armed, last->thread, last->arm_stack,
			      "the newest was armed here");
	diag_thread(d, t->thread);
	for (u32 i = 0; i < l->n; i++) {
		diag_timer(d, l->row[i]);
		diag_about(d, ABOUT_TIMER, l->row[i]->serial);
		if (l->row[i]->kind == TIMER_timerfd)
			diag_about(d, ABOUT_FD, l->row[i]->id);
	}
}

static void leak_say(struct diagnosis *d, const struct model_process *p, const struct pile *l,
		     bool growing)
{
	const struct st_timer *t = l->row[0];
	const char *place = say_place(p, t->stack), *s = l->n == 1 ? "" : "s";
	bool fd = t->kind == TIMER_timerfd;

	diag_title(d, "%u %stimer%s made in %s %s never %s", l->n, l->periodic ? "" : "one-shot ",
		   s, place, l->n == 1 ? "was" : "were", fd ? "closed" : "deleted");
	diag_what(d, "%u %s timer%s made in %s still exist%s although %s.", l->n,
		  timer_kind_name(t->kind), s, place, l->n == 1 ? "s" : "",
		  l->orphans == l->n ? (l->n == 1 ? "the thread that made it has ended"
						  : "the threads that made them have ended")
		  : l->lost	     ? (l->n == 1 ? "the call that made it has returned"
						  : "the calls that made them have returned")
			    : "each had fired before the next was made, and was not used again");
	if (fd)
		diag_why(d, "Each keeps a descriptor; the limit is %u%s.", p->head.nofile,
			 growing ? ", and their number keeps growing" : "");
	else
		diag_why(
		    d,
		    "Each keeps one of the %u signals that this user's processes may have queued "
		    "(RLIMIT_SIGPENDING), fired or not%s.",
		    p->head.sigpending, growing ? ", and their number keeps growing" : "");
	diag_fix(d, "%s each one on every way out of what it was made for.",
		 fd ? "close()" : "timer_delete()");
}

static void leak(const struct model_process *p, struct findings *out, const struct pile *l,
		 const struct st_site *s)
{
	bool growing = s && s->flags & XF_GROWING;
	bool many = is_pile(l, s) && l->rearmed * 2 <= l->n;
	struct diagnosis *d;

	if (!is_left(l) || (!growing && !process_ended_on_purpose(p)))
		return;
	d = diag_new(out, many || growing ? SEV_WARNING : SEV_NOTE, CONF_LIKELY);
	leak_say(d, p, l, growing);
	timers_tell(d, l, s);
}

/* What counts against RLIMIT_SIGPENDING. */
static bool is_near_limit(const struct model_process *p, const struct pile *l,
			  const struct st_site *s)
{
	u64 peak = s && s->peak > l->n ? s->peak : l->n;

	return l->row[0]->kind == TIMER_posix && p->head.sigpending &&
	       peak * 10 >= (u64)p->head.sigpending * 9;
}

static void pile(const struct model_process *p, struct findings *out, const struct pile *l,
		 const struct st_site *s)
{
	bool refused = s && s->failed, near = is_near_limit(p, l, s), ticks = l->taken * 2 > l->n;
	struct diagnosis *d;

	if (!refused && !near && (!is_pile(l, s) || !ticks))
		return;
	d = diag_new(out, refused || near ? SEV_ERROR : SEV_WARNING,
		     refused ? CONF_CERTAIN : CONF_LIKELY);
	diag_title(d, "%u timers from %s pile up", l->n, say_place(p, l->row[0]->stack));
	diag_what(d, "%u timers made in %s were alive at once%s.", s ? s->peak : l->n,
		  say_place(p, l->row[0]->stack),
		  refused ? ", and timer_create() failed there with EAGAIN"
		  : near  ? ", close to the limit"
			  : " and none of them is deleted");
	diag_why(d, "%s the limit (RLIMIT_SIGPENDING) is %u for all processes of this user.",
		 ticks ? "Each one's ticks are handled, so the work grows with every timer;"
		       : "Each keeps its place in the queue of signals, fired or not;",
		 p->head.sigpending);
	diag_fix(d, "Keep one timer and arm it again, or delete each with what it was made for.");
	timers_tell(d, l, s);
}

static void each_site(const struct model_process *p, struct findings *out,
		      void (*fn)(const struct model_process *, struct findings *,
				 const struct pile *, const struct st_site *))
{
	const struct st_timer **row = malloc((p->timer.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, timer, t)
	if (is_alive(t))
		row[n++] = t;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct pile l = pile_of(row + i, n - i);

		fn(p, out, &l, process_site(p, SITE_timer, l.row[0]->site, l.row[0]->stack));
		i += l.n;
	}
	free(row);
}

void rule_timer_leak(const struct model_process *p, struct findings *out)
{
	each_site(p, out, leak);
}

/* A call that failed at a place with no timer of its own: who has them all? */
static void refused_elsewhere(const struct model_process *p, struct findings *out,
			      const struct model_event *e)
{
	u32 stack = (u32)event_int(e, "stack");
	const struct st_site *most = NULL;
	struct diagnosis *d;

	FOR_EACH_ROW(p, timer, t)
	if (is_alive(t) && t->stack == stack)
		return;
	FOR_EACH_ROW(p, site, s)
	if (s->kind == SITE_timer && s->sub == TIMER_posix && s->peak &&
	    (!most || s->peak > most->peak))
		most = s;
	d = diag_new(out, SEV_ERROR, CONF_CERTAIN);
	diag_title(d, "timer_create() in %s failed with EAGAIN", say_place(p, stack));
	diag_what(d, "timer_create() in %s failed with EAGAIN while this process had %llu timers.",
		  say_place(p, stack), (unsigned long long)event_int(e, "live"));
	diag_why(d,
		 "Timers and queued signals of all processes of a user share one limit "
		 "(RLIMIT_SIGPENDING), here %llu.",
		 (unsigned long long)event_int(e, "limit"));
	diag_fix(d, "Delete timers that are done with, in the place that holds most of them.");
	diag_evidence(d, e->t, e->thread, stack, "EAGAIN here");
	if (most)
		diag_evidence(d, most->first, most->thread, most->stack,
			      "most were made here: %u at once at most, %u in all", most->peak,
			      most->made);
	diag_role(d, most ? most->stack : stack);
}

void rule_timer_accumulation(const struct model_process *p, struct findings *out)
{
	each_site(p, out, pile);
	FOR_EACH_EVENT(p, "exhausted", e)
	if (event_str(e, "what")[0] == 't')
		refused_elsewhere(p, out, e);
}
