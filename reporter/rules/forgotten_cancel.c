/* SPDX-License-Identifier: MIT */
/*
 * 10 forgotten-cancel: each call arms a deadline and returns without deleting it. Evidence: rows of
 * timer by birth site (oneshot.c). Pure; called by report.c. Periodic ones are ticker_leak.c's,
 * those of a receive loop timer_per_iteration.c's.
 */
#include "oneshot.h"

const struct rule_text text_forgotten_cancel = {
    .means = "A function arms a one-shot timer as the deadline of an operation, and returns when "
	     "the operation is done without deleting the timer. Whether it fires or not, it stays "
	     "until somebody deletes it: each call leaves one more.",
    .evidence = "Four or more living timers of one creation site, each armed once and never again, "
		"whose creating calls have returned or whose threads have ended; how many live, "
		"the peak, how many a second, and how far it is to RLIMIT_SIGPENDING (for a "
		"timerfd RLIMIT_NOFILE). An error from 90 % of it on, or when the call failed.",
    .silent = "Each is deleted or closed before or soon after; one timer that is armed again and "
	      "again. In a process that still runs or was killed: timers that may still be waiting "
	      "for what they were armed for.",
    .fix = "timer_delete() (close() for a timerfd) on every way out of the function, or one timer "
	   "for each thread that is armed again for each operation.",
    .example = "timer_create(CLOCK_MONOTONIC, &ev, &deadline);\n"
	       "timer_settime(deadline, 0, &in_5_s, NULL);\n"
	       "reply = fetch(url);\n"
	       "return reply;               /* timer_delete(deadline) is missing */\n",
};

static void say_what(struct diagnosis *d, const struct model_process *p, const struct shots *s)
{
	const struct st_timer *t = s->row[0];
	u32 fired = s->n - s->pending;

	diag_what(
	    d,
	    "Each call armed a deadline of %s in %s and %s without %s it: %u of %u made still "
	    "exist (%u have fired, %u have not)%s.",
	    say_time(t->value), say_place(p, t->stack),
	    s->orphans * 2 > s->n ? "its thread ended" : "returned", s->fd ? "closing" : "deleting",
	    s->n, s->made, fired, s->pending, oneshot_rate(s));
}

static void say_why(struct diagnosis *d, const struct shots *s)
{
	const char *failed = s->refused
				 ? (s->fd ? " timerfd_create() has already failed for want of one."
					  : " timer_create() has already failed with EAGAIN.")
			     : s->near ? " The limit is as good as reached."
				       : "";

	if (s->fd)
		diag_why(d,
			 "Each keeps a descriptor, fired or not. The limit (RLIMIT_NOFILE) is %u, "
			 "up to %u were taken here%s.%s",
			 s->limit, s->taken, oneshot_left(s), failed);
	else
		diag_why(d,
			 "Each keeps one of the %u signals that all processes of this user may "
			 "have queued (RLIMIT_SIGPENDING), fired or not; up to %u were taken "
			 "here%s.%s%s",
			 s->limit, s->taken, oneshot_left(s), failed,
			 s->pending ? " Those that have not fired will go off for operations that "
				      "are long done."
				    : "");
}

static void say(struct findings *out, const struct model_process *p, const struct shots *s)
{
	struct diagnosis *d =
	    diag_new(out, oneshot_severity(s), s->refused ? CONF_CERTAIN : CONF_LIKELY);

	diag_title(d, "%u deadline timers from %s were never %s", s->n,
		   say_place(p, s->row[0]->stack), s->fd ? "closed" : "deleted");
	say_what(d, p, s);
	say_why(d, s);
	diag_fix(d,
		 "%s the timer on every way out of the call it was armed in, when the operation is "
		 "done as well as when it failed; or keep one timer a thread and arm it again.",
		 s->fd ? "close()" : "timer_delete()");
	oneshot_tell(d, p, s);
}

void rule_forgotten_cancel(const struct model_process *p, struct findings *out)
{
	oneshot_each(p, out, SHOTS_FORGOTTEN, say);
}
