/* SPDX-License-Identifier: MIT */
/*
 * lock-contention: threads wait long for a lock, by critical section. Evidence: rows of contend. A
 * note: waiting is not a fault. Pure; called by report.c.
 */
#include <stdlib.h>
#include "rule.h"

#define WAITED_NS   10000000u /* in all … */
#define WAITED_PART 20u	      /* … and a twentieth of the run */

const struct rule_text text_lock_contention = {
    .means = "Threads spend a good part of the run waiting for one lock: what it guards is done by "
	     "one at a time.",
    .evidence = "Per lock: where it is waited for, how often, how long in all and at worst, and "
		"who held it then. Told from 10 ms in "
		"all and 5 % of the run on.",
    .silent = "Less waiting than that; waiting that lock-held-across-io explains.",
    .fix = "Do less inside the critical section, split what the lock guards, or give each thread "
	   "its own part.",
    .example = "pthread_mutex_lock(&stats_lock);     /* every request of every thread "
	       "*/\nstats.requests++;\n"
	       "pthread_mutex_unlock(&stats_lock);\n",
};

static int row_compare(const void *a, const void *b)
{
	const struct st_contend *x = *(const struct st_contend *const *)a,
				*y = *(const struct st_contend *const *)b;

	if (x->obj != y->obj)
		return x->obj < y->obj ? -1 : 1;
	return x->ns > y->ns ? -1 : x->ns < y->ns; /* the longest first */
}

static void judge(const struct model_process *p, struct findings *out,
		  const struct st_contend **row, u32 n)
{
	u64 run = process_run_ns(p), ns = 0, count = 0, max = 0;
	const char *lock = say_sync(p, row[0]->obj, row[0]->addr);
	struct diagnosis *d;

	for (u32 i = 0; i < n; i++) {
		ns += row[i]->ns;
		count += row[i]->count;
		max = row[i]->max > max ? row[i]->max : max;
	}
	if (ns < WAITED_NS || ns < run / WAITED_PART)
		return;
	d = diag_new(out, SEV_NOTE, CONF_CERTAIN);
	diag_title(d, "threads waited %s for the %s", say_time(ns), lock);
	diag_what(d, "The %s was waited for %s, %s in all and %s at worst; most of it in %s.", lock,
		  say_times(count), say_time(ns), say_time(max), say_place(p, row[0]->stack));
	diag_why(d, "Taken over all threads that is %.1f %% of the run.",
		 run ? 100.0 * (double)ns / (double)run : 0.0);
	diag_fix(d, "Do less while holding it, or split what it guards.");
	diag_sync(d, row[0]->obj, row[0]->addr);
	for (u32 i = 0; i < n && i < 6; i++) {
		diag_evidence(d, 0, row[i]->thread, row[i]->stack,
			      "waited for here %s, %s in all, %s at worst (%s)",
			      say_times(row[i]->count), say_time(row[i]->ns), say_time(row[i]->max),
			      say_thread(p, row[i]->thread));
		if (row[i]->holder_stack)
			diag_evidence(d, 0, row[i]->holder, row[i]->holder_stack,
				      "while %s held it from here on",
				      say_thread(p, row[i]->holder));
	}
	diag_role(d, row[0]->stack);
	diag_about(d, ABOUT_SYNC, row[0]->obj);
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
	for (u32 i = 0, end; i < n; i = end) {
		for (end = i; end < n && row[end]->obj == row[i]->obj; end++)
			;
		judge(p, out, row + i, end - i);
	}
	free(row);
}
