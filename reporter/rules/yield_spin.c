/* SPDX-License-Identifier: MIT */
/*
 * yield-spin (20): a thread burns through calls that do nothing while another waits for it.
 * Evidence: rows of `spin` (detect/spin.h says what makes an episode). Pure; called by report.c.
 */
#include "rule.h"

#define CALLS_LEAST 10000u

const struct rule_text text_yield_spin = {
    .means = "A thread goes round a tight loop of sched_yield(), of tries for a lock or semaphore "
	     "that are refused, or of "
	     "looks (poll without a wait, a read that says EAGAIN) that find nothing, while "
	     "another thread waits for it.",
    .evidence = "10,000 such calls or more with no lock acquired, no wait and no I/O between two "
		"of them, less than 5 µs of "
		"processor time apart; and the thread that waited for the spinner meanwhile: for "
		"its end, for a lock it "
		"holds, or, having started it, for what it is to do.",
    .silent = "Shorter spins; a spin that ended in getting what it tried for; loops that do work "
	      "between two calls; a "
	      "spinner nobody waits for.",
    .fix = "Wait for the event: a condition variable, a semaphore, a futex, a poll with a timeout. "
	   "To be fair to others, "
	   "nothing is needed: the kernel takes the processor away by itself.",
    .example = "while (!ready)\n        sched_yield();          /* burns a core, and its creator "
	       "waits in pthread_join() */\n",
};

static const char *waits_how(u32 call)
{
	switch (call_class(call)) {
	case CLASS_JOIN:
		return "for a thread's end";
	case CLASS_LOCK:
		return "for a lock that the spinner holds";
	default:
		return "for what the threads it started are to do";
	}
}

static void say(const struct model_process *p, struct findings *out, const struct st_spin *s)
{
	double secs = (double)s->ns / 1e9, cpu = (double)s->cpu / 1e9;
	const char *call = call_name(s->call), *who = say_thread(p, s->thread);
	struct diagnosis *d = diag_new(out, SEV_WARNING, CONF_CERTAIN);

	diag_title(d, "%s spins in %s() in %s: %llu calls that did nothing", who, call,
		   say_place(p, s->stack), (unsigned long long)s->calls);
	diag_what(d,
		  "%s called %s() %llu times in a row in %s, %.0f times a second, and burnt %s of "
		  "processor time with it%s. "
		  "Meanwhile %s waited %s.",
		  who, call, (unsigned long long)s->calls, say_place(p, s->stack),
		  secs > 0 ? (double)s->calls / secs : 0.0, say_time(s->cpu),
		  s->flags & SPF_GOES_ON ? " and had not stopped when it was last looked at" : "",
		  say_thread(p, s->waiter), waits_how(s->waiter_call));
	diag_why(d,
		 "No lock was acquired, nothing was waited for and nothing read or written between "
		 "two of these calls: they "
		 "used %.0f %% of a processor to find out that nothing had changed, and took it "
		 "from those who could have "
		 "changed it.",
		 secs > 0 ? 100.0 * cpu / secs : 0.0);
	diag_fix(d, "Wait for the event itself: a condition variable, a semaphore, or poll() with "
		    "a timeout. If the loop only "
		    "yields out of courtesy, leave the call out.");
	diag_count(d, s->episodes ? s->episodes : 1);
	diag_thread(d, s->thread);
	diag_thread(d, s->waiter);
	if (s->addr)
		diag_sync(d, 0, s->addr);
	diag_evidence(d, s->last, s->thread, s->stack,
		      "%llu calls of %s() in %s, none of which changed anything",
		      (unsigned long long)s->calls, call, say_time(s->ns));
	diag_evidence(d, s->waiter_since, s->waiter, s->waiter_stack, "%s waits here in %s() %s",
		      say_thread(p, s->waiter), call_name(s->waiter_call),
		      waits_how(s->waiter_call));
	diag_role(d, s->stack);
	diag_about(d, ABOUT_THREAD, s->thread);
}

void rule_yield_spin(const struct model_process *p, struct findings *out)
{
	FOR_EACH_ROW(p, spin, s)
	if (s->calls >= CALLS_LEAST && !(s->flags & SPF_ACQUIRED))
		say(p, out, s);
}
