/* SPDX-License-Identifier: MIT */
/*
 * 11 timer-per-iteration: a receive loop makes a fresh timer for every wait and abandons it when a
 * message comes first. Evidence: rows of timer by birth site (oneshot.c). Pure; called by report.c.
 */
#include "oneshot.h"

const struct rule_text text_timer_per_iteration = {
    .means = "A loop waits for a message or a time-out and makes a new timer for each wait. When "
	     "the message comes first the timer is abandoned, still armed: the faster the "
	     "messages come, the more of them there are.",
    .evidence = "Eight or more living one-shot timers of one place made by one thread, each "
		"superseded by the next before it could fire, with something received in between. "
		"A timerfd was polled together with what is no timer; a POSIX timer is made in "
		"the loop itself, or what the thread does next is to wait.",
    .silent = "One timer that is armed again, poll's own time-out; each closed on the way round; "
	      "one timer for each outstanding request, closed with it. A timerfd that only its own "
	      "call reads is forgotten-cancel.",
    .fix = "One timer, made before the loop and armed again for each wait; or the time-out of the "
	   "wait itself (poll, sem_timedwait, pthread_cond_timedwait, mq_timedreceive).",
    .example = "for (;;) {\n"
	       "        int t = timerfd_create(CLOCK_MONOTONIC, 0);     /* a new one each time */\n"
	       "        timerfd_settime(t, 0, &one_second, NULL);\n"
	       "        poll({messages, t});\n"
	       "        if (messages are there) { handle(); continue; } /* t is left */\n"
	       "        close(t); return;\n"
	       "}\n",
};

static void say_what(struct diagnosis *d, const struct model_process *p, const struct shots *s)
{
	const struct st_timer *t = s->row[s->n > 1];
	const char *with = t->flags & MF_WITH_WORK ? say_fd(p, (int)t->with - 1, t->with_kind)
						   : call_name(t->then_call);

	diag_what(d,
		  "For each wait %s makes a one-shot timer (%s, %s) in %s%s%s, and leaves it when "
		  "something comes before the time-out: %u of %u made still exist, %u of them have "
		  "not fired yet%s.",
		  say_thread(p, t->thread), timer_kind_name(t->kind), say_time(t->value),
		  say_place(p, t->stack),
		  t->flags & MF_WITH_WORK ? ", polled together with "
		  : t->then_call	  ? ", then waits in "
					  : "",
		  t->flags & MF_WITH_WORK || t->then_call ? with : "", s->n, s->made, s->pending,
		  oneshot_rate(s));
}

static void say_why(struct diagnosis *d, const struct shots *s)
{
	diag_why(
	    d,
	    "Every message that comes first leaves a timer that is still running, so they grow "
	    "with the rate of messages. Each keeps %s, fired or not; the limit (%s) is %u, up "
	    "to %u were taken here%s.%s",
	    s->fd ? "a descriptor" : "one of the signals this user may have queued",
	    s->fd ? "RLIMIT_NOFILE" : "RLIMIT_SIGPENDING", s->limit, s->taken, oneshot_left(s),
	    s->refused ? " Making one has already failed for want of room."
	    : s->near  ? " The limit is as good as reached."
		       : "");
}

static void say(struct findings *out, const struct model_process *p, const struct shots *s)
{
	struct diagnosis *d =
	    diag_new(out, oneshot_severity(s), s->refused ? CONF_CERTAIN : CONF_LIKELY);

	diag_title(d, "A new timer for each wait in %s: %u were left behind",
		   say_place(p, s->row[0]->stack), s->n);
	say_what(d, p, s);
	say_why(d, s);
	diag_fix(d, s->fd ? "Make one timerfd before the loop and arm it again with "
			    "timerfd_settime() for each wait, or give poll() the time-out itself; "
			    "otherwise close() it on every way round the loop."
			  : "Make one timer before the loop and arm it again with timer_settime() "
			    "for each wait, or use a wait with a time-out of its own; otherwise "
			    "timer_delete() it on every way round the loop.");
	diag_evidence(d, 0, s->row[0]->thread, 0,
		      "%u of %u were superseded by the next before they could fire; after %u "
		      "something was received before the next was made",
		      s->superseded, s->gaps, s->received);
	oneshot_tell(d, p, s);
}

void rule_timer_per_iteration(const struct model_process *p, struct findings *out)
{
	oneshot_each(p, out, SHOTS_PER_WAIT, say);
}
