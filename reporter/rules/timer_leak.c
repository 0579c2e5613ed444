/* SPDX-License-Identifier: MIT */
/*
 * timer-leak and timer-accumulation: timers that nobody will delete, and timers of one place that
 * pile up. Evidence: rows of timer by birth site. Pure; called by report.c. Periodic ones that
 * nobody reads are ticker_leak.c's.
 */
#include <stdlib.h>
#include "rule.h"

#define SEVERAL 4u

const struct rule_text text_timer_leak = {
    .means = "A timer was made and its creator is gone (the call returned, the thread ended) "
	     "without deleting it: nobody has "
	     "it in hand any more. Each keeps a slot of RLIMIT_SIGPENDING or a descriptor.",
    .evidence = "Where the timers were made, how many of them still exist, and that their creating "
		"calls have returned.",
    .silent = "Timers that are armed again and again (somebody has them in hand); one kept for the "
	      "life of the process is a "
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
	u32 n, lost, taken, rearmed;
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

static struct pile pile_of(const struct st_timer **row, u32 n)
{
	struct pile l = {.row = row};

	for (; l.n < n && row[l.n]->stack == row[0]->stack; l.n++) {
		const struct st_timer *t = row[l.n];

		l.lost += (t->flags & (MF_RETURNED | MF_CREATOR_ENDED)) != 0;
		l.taken += t->interval && t->flags & (MF_CONSUMED | MF_ARMED) &&
			   (t->consumed || t->flags & MF_CONSUMED);
		l.rearmed += t->arms > 1;
	}
	return l;
}

/* Few of those ever made there were deleted. */
static bool is_pile(const struct pile *l, const struct st_site *s)
{
	return l->n >= SEVERAL && l->lost * 2 > l->n && (!s || s->gone <= l->n);
}

static void timers_tell(struct diagnosis *d, const struct model_process *p, const struct pile *l,
			const struct st_site *s)
{
	const struct st_timer *t = l->row[0];

	diag_count(d, l->n);
	diag_role(d, t->stack);
	diag_evidence(d, t->born, t->thread, t->stack,
		      "%u made here, %u still exist, %u at once at most", s ? s->made : l->n, l->n,
		      s ? s->peak : l->n);
	if (t->arm_stack)
		diag_evidence(d, t->armed, t->thread, t->arm_stack, "last armed here");
	diag_thread(d, t->thread);
	for (u32 i = 0; i < l->n; i++) {
		diag_timer(d, l->row[i]);
		diag_about(d, ABOUT_TIMER, l->row[i]->serial);
		if (l->row[i]->kind == TIMER_timerfd)
			diag_about(d, ABOUT_FD, l->row[i]->id);
	}
	(void)p;
}

static void leak(const struct model_process *p, struct findings *out, const struct pile *l,
		 const struct st_site *s)
{
	bool growing = s && s->flags & XF_GROWING;
	bool many = is_pile(l, s) && l->rearmed * 2 <= l->n;
	struct diagnosis *d;

	if (!l->lost || (!growing && !process_ended_on_purpose(p)))
		return;
	d = diag_new(out, many || growing ? SEV_WARNING : SEV_NOTE, CONF_LIKELY);
	diag_title(d, "%u timer%s made in %s %s never deleted", l->n, l->n == 1 ? "" : "s",
		   say_place(p, l->row[0]->stack), l->n == 1 ? "was" : "were");
	diag_what(d,
		  "%u %s timer%s made in %s still exist%s although the call or thread that made %s "
		  "is over.",
		  l->n, timer_kind_name(l->row[0]->kind), l->n == 1 ? "" : "s",
		  say_place(p, l->row[0]->stack), l->n == 1 ? "s" : "", l->n == 1 ? "it" : "them");
	diag_why(d, "Each keeps %s%s.",
		 l->row[0]->kind == TIMER_timerfd ? "a descriptor"
						  : "one of RLIMIT_SIGPENDING's slots",
		 growing ? ", and their number keeps growing" : "");
	diag_fix(d, "Delete (or close) each one on every way out of what it was made for.");
	timers_tell(d, p, l, s);
}

static void pile(const struct model_process *p, struct findings *out, const struct pile *l,
		 const struct st_site *s)
{
	struct diagnosis *d;
	bool near =
	    p->head.sigpending && (u64)p->head.timers_peak * 10 >= (u64)p->head.sigpending * 9;
	bool refused = s && s->failed;

	if (!refused && (!is_pile(l, s) || l->taken * 2 <= l->n))
		return;
	d = diag_new(out, refused || near ? SEV_ERROR : SEV_WARNING, CONF_LIKELY);
	diag_title(d, "%u timers from %s pile up", l->n, say_place(p, l->row[0]->stack));
	diag_what(d, "%u timers made in %s were alive at once%s.", s ? s->peak : l->n,
		  say_place(p, l->row[0]->stack),
		  refused ? ", and timer_create() failed there with EAGAIN"
			  : " and none of them is deleted");
	diag_why(d,
		 "Each one's ticks are handled, so the work grows with every timer; the limit "
		 "(RLIMIT_SIGPENDING) is %u.",
		 p->head.sigpending);
	diag_fix(d, "Keep one timer and arm it again, or delete each with what it was made for.");
	timers_tell(d, p, l, s);
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

void rule_timer_accumulation(const struct model_process *p, struct findings *out)
{
	each_site(p, out, pile);
}
