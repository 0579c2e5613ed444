/* SPDX-License-Identifier: MIT */
/*
 * cond-two-mutexes: two threads wait on one condition variable at the same time, each with another
 * mutex. Evidence: a `misuse` event of the preload. Pure; called by report.c.
 */
#include "rule.h"

#include <string.h>

const struct rule_text text_cond_two_mutexes = {
    .means = "Two threads wait on the same condition variable at the same time, each with its own "
	     "mutex.",
    .evidence = "Both waits with their stacks.",
    .silent = "One after the other; a new condition variable at the same address; one shared with "
	      "other processes.",
    .fix = "One mutex for a condition variable, or one condition variable for each mutex.",
    .example = "/* thread 1 */ pthread_cond_wait(&c, &m1);\n/* thread 2 */ pthread_cond_wait(&c, "
	       "&m2);   /* at the same time */\n",
};

static void say(const struct model_process *p, struct diagnosis *d, const struct model_event *e)
{
	u32 cond = (u32)event_int(e, "obj"), mine = (u32)event_int(e, "obj2"),
	    theirs = (u32)event_int(e, "obj3");
	u32 stack = (u32)event_int(e, "stack"), other = (u32)event_int(e, "other");
	u32 other_stack = (u32)event_int(e, "other_stack");
	const char *c = say_sync(p, cond, event_int(e, "addr"));

	diag_title(d, "two threads wait on the %s with different mutexes", c);
	diag_what(d, "In %s, %s waits with %s; %s waits in %s with %s, at the same time.",
		  say_place(p, stack), say_thread(p, e->thread),
		  say_sync(p, mine, event_int(e, "addr2")), say_thread(p, other),
		  say_place(p, other_stack), say_sync(p, theirs, event_int(e, "addr3")));
	diag_why(d, "What the condition is made of can be under one of the two mutexes only: a "
		    "waiter with the other one can miss the change and its signal. POSIX leaves "
		    "it undefined.");
	diag_fix(d, "Let all who wait on it use the mutex that guards the condition, or give each "
		    "mutex its own condition variable.");
	diag_sync(d, cond, event_int(e, "addr"));
	diag_sync(d, mine, event_int(e, "addr2"));
	diag_sync(d, theirs, event_int(e, "addr3"));
	diag_thread(d, e->thread);
	diag_thread(d, other);
	diag_evidence(d, e->t, e->thread, stack, "the wait that came second");
	diag_evidence(d, 0, other, other_stack, "the wait that was there, with another mutex");
	diag_role_cycle(d, stack, 0);
	diag_role_cycle(d, other_stack, 0);
	diag_about(d, ABOUT_SYNC, cond);
}

void rule_cond_two_mutexes(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "cond-two-mutexes") == 0)
		say(p, diag_new(out, SEV_ERROR, CONF_CERTAIN), e);
}
