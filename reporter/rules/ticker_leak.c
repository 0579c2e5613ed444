/* SPDX-License-Identifier: MIT */
/*
 * 22 ticker-leak: a periodic timer goes on ticking after the call or thread that started it, and nobody takes the
 * ticks. Evidence: rows of timer, grouped by birth site. Pure; called by report.c.
 */
#include <signal.h>
#include "rule.h"

#define UNREAD 3u /* ticks nobody took before we call it unread */

const struct rule_text text_ticker_leak = {
	.means = "A function (or thread) starts a periodic timer, uses it for a while and returns without stopping it. The "
		 "kernel goes on ticking for nobody; every call leaves one more timer, and for a timerfd one more descriptor.",
	.evidence = "A timer with an interval, armed and not deleted, whose creating call has returned or whose thread has ended, "
		    "and ticks that nobody took since: by its interval there should have been that many, so many were read.",
	.silent = "It is disarmed, deleted or closed on the way out; its ticks are taken until the end (one ticker for the whole "
		  "process); one-shot timers; SIGEV_NONE timers, which are only looked at.",
	.fix = "Stop the timer on every way out of the function that started it: timer_delete(), close() of the timerfd, or "
	       "timer_settime() with a zero it_value if it is to be used again.",
	.example = "int fd = timerfd_create(CLOCK_MONOTONIC, 0);\n"
		   "timerfd_settime(fd, 0, &every_second, NULL);\n"
		   "while (!done(job) && read(fd, &ticks, 8) == 8)\n"
		   "        sample(job);\n"
		   "return;                          /* close(fd) is missing */\n",
};

struct leak { /* of one birth site */
	u32 left, abandoned; /* abandoned: used for a while, or its thread ended */
	u64 unread, taken, least_interval;
	const struct st_timer *worst;
	u64 worst_unread;
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

static bool is_left(const struct st_timer *t)
{
	return t->kind != TIMER_itimer && t->kind != TIMER_alarm && t->interval && t->flags & MF_ARMED &&
	       !(t->flags & MF_DELETED) && t->flags & (MF_RETURNED | MF_CREATOR_ENDED) &&
	       !(t->kind == TIMER_posix && t->notify == SIGEV_NONE);
}

static bool is_first(const struct model_process *p, const struct st_timer *row)
{
	FOR_EACH_ROW(p, timer, t) {
		if (t == row)
			return true;
		if (t->stack == row->stack && is_left(t) && unread_of(p, t) >= UNREAD)
			return false;
	}
	return true;
}

static struct leak leak_of(const struct model_process *p, u32 stack)
{
	struct leak l = { .least_interval = UINT64_MAX };

	FOR_EACH_ROW(p, timer, t) {
		u64 unread = unread_of(p, t);

		if (t->stack != stack || !is_left(t) || unread < UNREAD)
			continue;
		l.left++;
		l.unread += unread;
		l.taken += t->consumed;
		/* most of its ticks, or what came after its creator */
		l.abandoned += unread >= t->consumed || t->flags & MF_CREATOR_ENDED;
		if (t->interval < l.least_interval)
			l.least_interval = t->interval;
		if (!l.worst || unread > l.worst_unread) {
			l.worst = t;
			l.worst_unread = unread;
		}
	}
	return l;
}

static void say(struct diagnosis *d, const struct model_process *p, const struct leak *l)
{
	const struct st_timer *t = l->worst;
	const struct st_site *s = process_site(p, SITE_timer, t->site, t->stack);
	bool ended = (t->flags & MF_CREATOR_ENDED) != 0;

	diag_title(d, "%u periodic timer%s from %s tick%s on with nobody reading", l->left, l->left == 1 ? "" : "s",
		   say_place(p, t->stack), l->left == 1 ? "s" : "");
	diag_what(d, "%s started %u timer%s (%s, every %s); %u still tick%s although the %s that made %s has %s.",
		  say_place(p, t->stack), s ? s->made : l->left, (s ? s->made : l->left) == 1 ? "" : "s",
		  timer_kind_name(t->kind), say_time(l->least_interval), l->left, l->left == 1 ? "s" : "",
		  ended ? "thread" : "call", l->left == 1 ? "it" : "them", ended ? "ended" : "returned");
	diag_why(d, "%llu ticks came that nobody took (%llu were taken). Each tick costs a wake-up%s, and each call leaves one "
		 "more.", (unsigned long long)l->unread, (unsigned long long)l->taken,
		 t->kind == TIMER_timerfd ? " and each timer a descriptor" : "");
	diag_fix(d, "%s before the %s that started it ends, on every way out.",
		 t->kind == TIMER_timerfd ? "close() the timerfd" : "timer_delete() the timer",
		 ended ? "thread" : "function");
}

void rule_ticker_leak(const struct model_process *p, struct findings *out)
{
	FOR_EACH_ROW(p, timer, t) {
		enum severity severity;
		struct diagnosis *d;
		struct leak l;

		if (!is_left(t) || unread_of(p, t) < UNREAD || !is_first(p, t))
			continue;
		l = leak_of(p, t->stack);
		if (l.left == 1 && !l.abandoned)
			continue; /* the process's one ticker, a little behind */
		severity = l.left > 1 || l.taken || l.worst->flags & MF_CREATOR_ENDED ? SEV_WARNING : SEV_NOTE;
		d = diag_new(out, severity, CONF_CERTAIN);
		say(d, p, &l);
		diag_count(d, l.left);
		diag_evidence(d, l.worst->born, l.worst->thread, l.worst->stack, "made here; %u of them are still armed", l.left);
		diag_evidence(d, l.worst->armed, l.worst->thread, l.worst->arm_stack,
			      "last armed here, every %s; %llu ticks taken, %llu not", say_time(l.worst->interval),
			      (unsigned long long)l.worst->consumed, (unsigned long long)l.worst_unread);
		diag_thread(d, l.worst->thread);
		diag_role(d, l.worst->stack);
		FOR_EACH_ROW(p, timer, m) {
			if (m->stack != t->stack || !is_left(m))
				continue;
			diag_timer(d, m);
			diag_about(d, ABOUT_TIMER, m->serial);
			if (m->kind == TIMER_timerfd)
				diag_about(d, ABOUT_FD, m->id);
		}
	}
}
