/* SPDX-License-Identifier: MIT */
/*
 * 13 lock-held-across-io: a mutex or write lock is held over a call that blocks. Evidence: the
 * hold_io rows of one acquisition site of a lock, taken together. Pure; called by report.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include "rule.h"

#define WAITED_NS   10000000u /* others waited this long in all … */
#define WAITED_PART 20u	      /* … and a twentieth of the run: a warning */

const struct rule_text text_lock_io = {
    .means = "A critical section contains a call that waits for something outside the program: a "
	     "peer, a disk, a "
	     "timer, a name server. Whoever needs the lock waits for that as well, even for work "
	     "that takes a "
	     "microsecond, and one slow peer stops all threads.",
    .evidence = "The lock, where it was taken, the call and how long it blocked (1 ms or more "
		"counts: setting io_min), "
		"and who waited for the lock meanwhile and for how long. A warning if others "
		"waited 10 ms in all and 5 % "
		"of the run, else a note.",
    .silent = "The call is outside the critical section or did not block (O_NONBLOCK, zero "
	      "timeout); a condition variable "
	      "waits with that same mutex; the body of a pthread_once; read locks.",
    .fix = "Take what the call needs out of the shared state, unlock, make the call, lock again "
	   "and store the result after "
	   "checking that the state still wants it. Mark what is in progress so that others do not "
	   "start the same call.",
    .example = "pthread_mutex_lock(&cache->lock);\n"
	       "if (!find(cache, key, &value)) {\n"
	       "        recv(upstream, &value, sizeof(value), 0);   /* everybody waits for the "
	       "upstream */\n"
	       "        add(cache, key, &value);\n"
	       "}\n"
	       "pthread_mutex_unlock(&cache->lock);\n",
};

static bool is_io(const struct model_process *p, const struct st_hold_io *h)
{
	if (h->mode == HELD_READ || h->mode == HELD_ONCE || !h->count)
		return false;
	if (h->last && h->last < p->facts.started)
		return false; /* of the process that this one was forked from */
	switch (call_class(h->call)) {
	case CLASS_NONE:
	case CLASS_LOCK: /* another lock: lock order and contention speak of it */
	case CLASS_COND:
	case CLASS_ONCE:
	case CLASS_FUTEX:
	case CLASS_SPIN:
		return false;
	default:
		return true;
	}
}

struct section { /* all rows of one acquisition site of one lock */
	const struct st_hold_io **row, *worst;
	u32 n, waits;
	u64 ns, wait_ns, wait_max, count;
};

static int row_compare(const void *a, const void *b)
{
	const struct st_hold_io *x = *(const struct st_hold_io *const *)a;
	const struct st_hold_io *y = *(const struct st_hold_io *const *)b;

	if (x->obj != y->obj)
		return x->obj < y->obj ? -1 : 1;
	if (x->acq_stack != y->acq_stack)
		return x->acq_stack < y->acq_stack ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* The section that begins at ROW, of at most N rows. */
static struct section section_of(const struct st_hold_io **row, u32 n)
{
	struct section s = {.row = row, .worst = row[0]};

	for (; s.n < n && row[s.n]->obj == row[0]->obj && row[s.n]->acq_stack == row[0]->acq_stack;
	     s.n++) {
		const struct st_hold_io *h = row[s.n];

		s.ns += h->ns;
		s.count += h->count;
		s.wait_ns += h->wait_ns;
		s.waits += h->waits;
		if (h->wait_max > s.wait_max)
			s.wait_max = h->wait_max;
		if (h->wait_ns > s.worst->wait_ns ||
		    (h->wait_ns == s.worst->wait_ns && h->ns > s.worst->ns))
			s.worst = h;
	}
	return s;
}

static const char *call_on(const struct model_process *p, const struct st_hold_io *h)
{
	static char text[160];

	if (h->fd >= 0 && (call_class(h->call) == CLASS_FD || h->fd_kind))
		snprintf(text, sizeof(text), "%s() on %s", call_name(h->call),
			 say_fd(p, h->fd, h->fd_kind));
	else
		snprintf(text, sizeof(text), "%s()", call_name(h->call));
	return text;
}

static void say(struct diagnosis *d, const struct model_process *p, const struct section *s)
{
	const struct st_hold_io *w = s->worst;
	const struct st_sync *lock = process_sync(p, w->obj);
	u64 run = process_run_ns(p),
	    all = lock && lock->wait_ns > s->wait_ns ? lock->wait_ns : s->wait_ns;

	diag_title(d, "%s is held over %s in %s%s", say_sync(p, w->obj, w->addr),
		   call_name(w->call), say_place(p, w->call_stack),
		   s->wait_ns ? ", while others wait for it" : "");
	diag_what(d, "The %s is taken in %s and held while %s blocks: %s, %s in all, %s at worst.",
		  say_sync(p, w->obj, w->addr), say_place(p, w->acq_stack), call_on(p, w),
		  say_times(s->count), say_time(s->ns), say_time(w->max));
	if (s->wait_ns)
		diag_why(d,
			 "Meanwhile others waited for this lock %s, %s in all, %s at worst: "
			 "%.0f %% of all waiting "
			 "for it, %.1f %% of the run.",
			 say_times(s->waits), say_time(s->wait_ns), say_time(s->wait_max),
			 100.0 * (double)s->wait_ns / (double)(all ? all : 1),
			 run ? 100.0 * (double)s->wait_ns / (double)run : 0.0);
	else
		diag_why(d, "Nobody waited for it in this run; whoever needs it meanwhile would "
			    "wait for the call as well.");
	diag_fix(d,
		 "Unlock before %s and lock again to store what it brought, after checking that "
		 "the state still wants it.",
		 call_name(w->call));
}

static void show(struct diagnosis *d, const struct model_process *p, const struct section *s)
{
	const struct st_hold_io *w = s->worst;

	diag_evidence(d, w->first, w->thread, w->acq_stack, "%s takes the %s here",
		      say_thread(p, w->thread), held_mode_name(w->mode));
	for (u32 i = 0; i < s->n; i++) {
		const struct st_hold_io *h = s->row[i];

		diag_evidence(d, h->last, h->thread, h->call_stack,
			      "and holds it over %s, which blocked %s, %s in all, %s at worst",
			      call_on(p, h), say_times(h->count), say_time(h->ns),
			      say_time(h->max));
		diag_thread(d, h->thread);
	}
	if (w->worst_waiter) {
		diag_evidence(d, w->last, w->worst_waiter, w->worst_waiter_stack,
			      "%s waited here for up to %s", say_thread(p, w->worst_waiter),
			      say_time(w->wait_max));
		diag_thread(d, w->worst_waiter);
	}
}

static void judge(const struct model_process *p, struct findings *out, const struct section *s)
{
	u64 run = process_run_ns(p);
	bool bad = s->wait_ns >= WAITED_NS && s->wait_ns >= run / WAITED_PART;
	struct diagnosis *d = diag_new(out, bad ? SEV_WARNING : SEV_NOTE, CONF_CERTAIN);

	if (!d)
		return;
	say(d, p, s);
	diag_count(d, s->count);
	diag_sync(d, s->worst->obj, s->worst->addr);
	show(d, p, s);
	diag_role(d, s->worst->acq_stack);
	diag_role(d, s->worst->call_stack);
	diag_about(d, ABOUT_SYNC, s->worst->obj);
}

void rule_lock_io(const struct model_process *p, struct findings *out)
{
	const struct st_hold_io **row = malloc((p->hold_io.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, hold_io, h)
	if (is_io(p, h))
		row[n++] = h;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct section s = section_of(row + i, n - i);

		judge(p, out, &s);
		i += s.n;
	}
	free(row);
}
