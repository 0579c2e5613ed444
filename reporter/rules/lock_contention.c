/* SPDX-License-Identifier: MIT */
/*
 * lock-contention: threads wait long for a lock, by who waited where for whom. Evidence: rows of
 * contend. A note: waiting is not a fault. Pure; called by report.c.
 */
#include <stdlib.h>
#include "rule.h"

#define WAITED_NS   10000000u /* in all … */
#define WAITED_PART 20u	      /* … and a twentieth of the run */
#define PAIRS	    8u	      /* lines of the table */
#define SECTIONS    512u      /* rows looked at for one critical section */

const struct rule_text text_lock_contention = {
    .means = "Threads spend a good part of the run waiting for one lock: what it guards is done by "
	     "one at a time.",
    .evidence = "Per lock: how often, how long in all and at worst it was waited for, and which "
		"critical section kept whom waiting: where the lock had been taken by the one who "
		"held it, and where the other waited. Told from 10 ms in "
		"all and 5 % of the run on.",
    .silent = "Less waiting than that; waiting that lock-held-across-io or a deadlock explains.",
    .fix = "Do less inside the critical section that costs most, split what the lock guards, or "
	   "give each thread its own part.",
    .example = "pthread_mutex_lock(&stats_lock);     /* every request of every thread "
	       "*/\nstats.requests++;\n"
	       "pthread_mutex_unlock(&stats_lock);\n",
};

struct waits { /* for one lock: rows by time, the longest first */
	const struct st_contend **row;
	u32 n;
	u64 ns, count, max;
};

static int row_compare(const void *a, const void *b)
{
	const struct st_contend *x = *(const struct st_contend *const *)a,
				*y = *(const struct st_contend *const *)b;

	if (x->obj != y->obj)
		return x->obj < y->obj ? -1 : 1;
	return x->ns > y->ns ? -1 : x->ns < y->ns;
}

static const struct frames *section(const struct model_process *p, const struct st_contend *c)
{
	return c->holder_stack ? process_frames(p, c->holder_stack)
			       : process_frames_pc(p, c->holder_pc);
}

static bool has_section(const struct st_contend *c)
{
	return c->holder_stack || c->holder_pc;
}

static bool same_section(const struct st_contend *a, const struct st_contend *b)
{
	return a->holder_pc == b->holder_pc && a->holder_stack == b->holder_stack;
}

static double percent(u64 part, u64 all)
{
	return all ? 100.0 * (double)part / (double)all : 0.0;
}

/* One line of the table. */
static void pair(struct diagnosis *d, const struct model_process *p, const struct waits *w,
		 const struct st_contend *c)
{
	const char *who = has_section(c) ? say_frame(frames_program(section(p, c))) : NULL;

	diag_evidence(d, 0, 0, 0, "%s (%.0f %%), %s, %s at worst: %s waited for %s",
		      say_time(c->ns), percent(c->ns, w->ns), say_times(c->count), say_time(c->max),
		      say_place(p, c->stack), who ? who : "a holder that was not seen");
}

/* The critical section that others waited for longest, by the row that tells of it first; NULL if
 * no holder was seen. */
static const struct st_contend *worst_section(const struct waits *w, u64 *ns)
{
	const struct st_contend *worst = NULL;
	u32 n = w->n < SECTIONS ? w->n : SECTIONS;

	*ns = 0;
	for (u32 i = 0; i < n; i++) {
		u64 sum = 0;

		for (u32 k = 0; k < n && has_section(w->row[i]); k++)
			sum += same_section(w->row[i], w->row[k]) ? w->row[k]->ns : 0;
		if (sum <= *ns)
			continue;
		*ns = sum;
		worst = w->row[i];
	}
	return worst;
}

/* The worst single wait, with its stacks. */
static void worst_wait(struct diagnosis *d, const struct model_process *p, const struct waits *w)
{
	const struct st_contend *c = w->row[0];

	for (u32 i = 1; i < w->n; i++)
		c = w->row[i]->max > c->max ? w->row[i] : c;
	diag_evidence(d, 0, c->thread, c->stack, "the longest wait, %s: %s waited here",
		      say_time(c->max), say_thread(p, c->thread));
	if (c->holder_stack)
		diag_evidence(d, 0, c->holder, c->holder_stack, "for %s, which had taken it here",
			      say_thread(p, c->holder));
	else if (c->holder_pc)
		diag_evidence_pc(d, 0, c->holder, c->holder_pc, "for %s, which had taken it here",
				 say_thread(p, c->holder));
	diag_thread(d, c->thread);
	diag_thread(d, c->holder);
}

/* The same lock in another run: by its name, by where it was made, or by where it was waited for.
 */
static void role(struct diagnosis *d, const struct model_process *p, const struct waits *w)
{
	const struct st_sync *s = process_sync(p, w->row[0]->obj);
	const char *name = process_variable_at(p, w->row[0]->addr);

	if (name)
		diag_role_word(d, name);
	else
		diag_role(d,
			  s && s->stack && !(s->flags & SF_STATIC) ? s->stack : w->row[0]->stack);
}

static void judge(const struct model_process *p, struct findings *out, const struct waits *w)
{
	u64 run = process_run_ns(p), in_section;
	const struct st_contend *c = worst_section(w, &in_section);
	const char *lock = say_sync(p, w->row[0]->obj, w->row[0]->addr);
	struct diagnosis *d;

	if (w->ns < WAITED_NS || w->ns < run / WAITED_PART)
		return;
	d = diag_new(out, SEV_NOTE, CONF_CERTAIN);
	diag_title(d, "threads waited %s for the %s", say_time(w->ns), lock);
	diag_what(d, "The %s was waited for %s, %s in all and %s at worst.", lock,
		  say_times(w->count), say_time(w->ns), say_time(w->max));
	if (c)
		diag_why(d,
			 "Taken over all threads that is %.1f %% of the run. %s of it (%.0f %%) "
			 "went by while "
			 "the lock was held from %s on.",
			 percent(w->ns, run), say_time(in_section), percent(in_section, w->ns),
			 say_frame(frames_program(section(p, c))));
	else
		diag_why(d, "Taken over all threads that is %.1f %% of the run.",
			 percent(w->ns, run));
	diag_fix(d, "Do less while holding it there, or split what it guards.");
	diag_sync(d, w->row[0]->obj, w->row[0]->addr);
	for (u32 i = 0; i < w->n && i < PAIRS; i++)
		pair(d, p, w, w->row[i]);
	if (w->n > PAIRS)
		diag_evidence(d, 0, 0, 0, "and %u more such pairs", w->n - PAIRS);
	worst_wait(d, p, w);
	diag_count(d, w->count);
	role(d, p, w);
	diag_about(d, ABOUT_SYNC, w->row[0]->obj);
}

void rule_lock_contention(const struct model_process *p, struct findings *out)
{
	const struct st_contend **row = malloc((p->contend.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, contend, c)
	row[n++] = c;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n; i++) {
		struct waits w = {.row = row + i};

		for (;; i++) {
			w.n++;
			w.ns += row[i]->ns;
			w.count += row[i]->count;
			w.max = row[i]->max > w.max ? row[i]->max : w.max;
			if (i + 1 == n || row[i + 1]->obj != row[i]->obj)
				break;
		}
		judge(p, out, &w);
	}
	free(row);
}
