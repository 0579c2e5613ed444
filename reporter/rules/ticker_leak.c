/* SPDX-License-Identifier: MIT */
/*
 * 22 ticker-leak: a periodic timer goes on ticking after the call or thread that started it, and
 * nobody takes the ticks. Evidence: rows of timer, grouped by birth site. Pure; called by report.c.
 */
#include <signal.h>
#include <stdlib.h>
#include "rule.h"

#define UNREAD	3u /* ticks nobody took before we call it unread */
#define SEVERAL 4u

const struct rule_text text_ticker_leak = {
    .means = "A function (or thread) starts a periodic timer, uses it for a while and returns "
	     "without stopping it. The "
	     "kernel goes on ticking for nobody; every call leaves one more timer, and for a "
	     "timerfd one more descriptor.",
    .evidence = "A timer with an interval, armed and not deleted, whose creating call has returned "
		"or whose thread has ended "
		"(or that was read for a while and then left for a newer one made at the same "
		"place), and ticks that nobody took since: by its interval there should have been "
		"that many, so many were read.",
    .silent = "It is disarmed, deleted or closed on the way out; its ticks are taken until the end "
	      "(one ticker for the whole "
	      "process); one-shot timers; SIGEV_NONE timers, which are only looked at.",
    .fix = "Stop the timer on every way out of the function that started it: timer_delete(), "
	   "close() of the timerfd, or "
	   "timer_settime() with a zero it_value if it is to be used again.",
    .example = "int fd = timerfd_create(CLOCK_MONOTONIC, 0);\n"
	       "timerfd_settime(fd, 0, &every_second, NULL);\n"
	       "while (!done(job) && read(fd, &ticks, 8) == 8)\n"
	       "        sample(job);\n"
	       "return;                          /* close(fd) is missing */\n",
};

struct leak { /* of one birth site: rows in order of birth */
	const struct st_timer **row, *worst;
	u32 left, gone; /* gone: the creating call is known to have returned, or its thread to have
			   ended */
	u64 unread, taken, least_interval, worst_unread;
};

/* Ticks due since it was armed and not taken by anybody; 0 if they may well be taken. */
static u64 unread_of(const struct model_process *p, const struct st_timer *t)
{
	u64 end = p->facts.ended_at, due;

	if (!t->armed || !t->interval || end <= t->armed + t->value)
		return 0;
	if (t->flags & MF_CONSUMED && (t->kind != TIMER_timerfd || !t->consumed))
		return 0; /* by a handler, a function, a poll: not counted one by one */
	due = (end - t->armed - t->value) / t->interval + 1;
	return due > t->consumed ? due - t->consumed : 0;
}

static bool is_gone(const struct st_timer *t)
{
	return (t->flags & (MF_RETURNED | MF_CREATOR_ENDED)) != 0;
}

/* Ticks, and nobody reads it. Whether its creator is through with it is judged by the group. */
static bool is_unread(const struct model_process *p, const struct st_timer *t)
{
	return t->kind != TIMER_itimer && t->kind != TIMER_alarm && t->flags & MF_ARMED &&
	       !(t->flags & MF_DELETED) && !t->died &&
	       !(t->kind == TIMER_posix && t->notify == SIGEV_NONE) && unread_of(p, t) >= UNREAD;
}

static int row_compare(const void *a, const void *b)
{
	const struct st_timer *x = *(const struct st_timer *const *)a,
			      *y = *(const struct st_timer *const *)b;

	if (x->stack != y->stack)
		return x->stack < y->stack ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static struct leak leak_of(const struct model_process *p, const struct st_timer **row, u32 n)
{
	struct leak l = {.row = row, .least_interval = UINT64_MAX};

	for (; l.left < n && row[l.left]->stack == row[0]->stack; l.left++) {
		const struct st_timer *t = row[l.left];
		u64 unread = unread_of(p, t);

		l.unread += unread;
		l.taken += t->consumed;
		l.gone += is_gone(t);
		if (t->interval < l.least_interval)
			l.least_interval = t->interval;
		if (!l.worst || unread > l.worst_unread) {
			l.worst = t;
			l.worst_unread = unread;
		}
	}
	return l;
}

/* Made one after another, each when the one before had been ticking for a while: not a set made at
 * once. */
static bool is_one_after_another(const struct leak *l)
{
	u32 apart = 0;

	for (u32 i = 1; i < l->left; i++)
		apart += l->row[i]->born >= l->row[i - 1]->born + l->row[i - 1]->interval;
	return l->left >= SEVERAL && apart * 4 >= (l->left - 1) * 3;
}

/*
 * Their creators are through with them. Where the creating function was inlined its return is not
 * seen; that they were read for a while and then a newer one was made at the same place, or that
 * one came after another, says the same. A single one must be mostly unread: of a signal's ticks
 * that is not known, a handler takes them unseen.
 */
static bool is_leak(const struct leak *l)
{
	if (l->left > 1)
		return l->gone || l->taken || is_one_after_another(l);
	return l->gone && (l->worst->flags & MF_CREATOR_ENDED ||
			   (l->worst->kind == TIMER_timerfd && l->worst_unread >= l->taken));
}

static void say(struct diagnosis *d, const struct model_process *p, const struct leak *l)
{
	const struct st_timer *t = l->worst;
	const struct st_site *s = process_site(p, SITE_timer, t->site, t->stack);
	bool one = l->left == 1, ended = (t->flags & MF_CREATOR_ENDED) != 0;
	u32 made = s && s->made >= l->left ? s->made : l->left;

	diag_title(d, "%u periodic timer%s from %s tick%s on with nobody reading", l->left,
		   one ? "" : "s", say_place(p, t->stack), one ? "s" : "");
	diag_what(d, "%s started %u timer%s (%s, every %s); %u still tick%s although %s.",
		  say_place(p, t->stack), made, made == 1 ? "" : "s", timer_kind_name(t->kind),
		  say_time(l->least_interval), l->left, one ? "s" : "",
		  !l->gone ? "each was left for a newer one"
		  : ended  ? (one ? "the thread that made it has ended"
				  : "the threads that made them have ended")
			   : (one ? "the call that made it has returned"
				  : "the calls that made them have returned"));
	diag_why(d,
		 "%llu ticks came that nobody took (%llu were taken). Each tick costs a wake-up%s, "
		 "and each call leaves one "
		 "more.",
		 (unsigned long long)l->unread, (unsigned long long)l->taken,
		 t->kind == TIMER_timerfd ? " and each timer a descriptor" : "");
	diag_fix(d, "%s before the %s that started it ends, on every way out.",
		 t->kind == TIMER_timerfd ? "close() the timerfd" : "timer_delete() the timer",
		 ended ? "thread" : "function");
}

static void judge(const struct model_process *p, struct findings *out, const struct leak *l)
{
	const struct st_timer *w = l->worst;
	bool mere = l->left == 1 && !l->taken &&
		    !(w->flags & MF_CREATOR_ENDED); /* one for life, as far as we saw */
	struct diagnosis *d =
	    diag_new(out, mere ? SEV_NOTE : SEV_WARNING, l->gone ? CONF_CERTAIN : CONF_LIKELY);

	say(d, p, l);
	diag_count(d, l->left);
	diag_evidence(d, w->born, w->thread, w->stack, "made here; %u of them still tick", l->left);
	diag_evidence(d, w->armed, w->thread, w->arm_stack,
		      "last armed here, every %s; %llu ticks taken, %llu not",
		      say_time(w->interval), (unsigned long long)w->consumed,
		      (unsigned long long)l->worst_unread);
	diag_thread(d, w->thread);
	diag_role(d, w->stack);
	for (u32 i = 0; i < l->left; i++) {
		diag_timer(d, l->row[i]);
		diag_about(d, ABOUT_TIMER, l->row[i]->serial);
		if (l->row[i]->kind == TIMER_timerfd)
			diag_about(d, ABOUT_FD, l->row[i]->id);
	}
}

void rule_ticker_leak(const struct model_process *p, struct findings *out)
{
	const struct st_timer **row = malloc((p->timer.n + 1) * sizeof(*row));
	u32 n = 0;

	if (!row)
		return;
	FOR_EACH_ROW(p, timer, t)
	if (is_unread(p, t))
		row[n++] = t;
	qsort(row, n, sizeof(*row), row_compare);
	for (u32 i = 0; i < n;) {
		struct leak l = leak_of(p, row + i, n - i);

		if (is_leak(&l))
			judge(p, out, &l);
		i += l.left;
	}
	free(row);
}
