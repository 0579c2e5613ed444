/* SPDX-License-Identifier: MIT */
/*
 * cond-wait-without-mutex: a thread waits on a condition variable with a mutex that it does not
 * hold. Evidence: a `misuse` event of the preload, made before the wait. Pure; called by report.c.
 */
#include "rule.h"

#include <string.h>

const struct rule_text text_cond_without_mutex = {
    .means = "A thread waits on a condition variable and gives up a mutex that it does not hold.",
    .evidence = "The wait with its stack; who holds the mutex instead, if anybody.",
    .silent = "Mutexes taken before the tool came, or where it could not look: the C library's own "
	      "record of the owner decides.",
    .fix = "Lock the mutex, test the condition, wait, and unlock.",
    .example = "while (!ready)                       /* read without the mutex */\n        "
	       "pthread_cond_wait(&c, &m);   /* m is not locked */\n",
};

static void say(const struct model_process *p, struct diagnosis *d, const struct model_event *e)
{
	u32 cond = (u32)event_int(e, "obj"), mutex = (u32)event_int(e, "obj2");
	u32 stack = (u32)event_int(e, "stack"), holder = (u32)event_int(e, "other");
	const char *c = say_sync(p, cond, event_int(e, "addr"));
	const char *m = say_sync(p, mutex, event_int(e, "addr2"));

	diag_title(d, "in %s, %s waits on a condition variable without holding its mutex",
		   say_place(p, stack), say_thread(p, e->thread));
	if (holder)
		diag_what(d, "In %s, %s waits on the %s with %s, which %s holds.",
			  say_place(p, stack), say_thread(p, e->thread), c, m,
			  say_thread(p, holder));
	else
		diag_what(d, "In %s, %s waits on the %s with %s, which nobody holds.",
			  say_place(p, stack), say_thread(p, e->thread), c, m);
	diag_why(d,
		 "Between the look at the condition and the wait somebody can change it and "
		 "signal, and the signal is lost. And the wait unlocks the mutex%s: what that does "
		 "is undefined.",
		 holder ? ", under the feet of its holder" : "");
	diag_fix(d, "Lock the mutex before the condition is looked at, and hold it until the wait; "
		    "the wait gives it up and has it again when it returns.");
	diag_count(d, 1 + event_int(e, "untold"));
	diag_sync(d, cond, event_int(e, "addr"));
	diag_sync(d, mutex, event_int(e, "addr2"));
	diag_thread(d, e->thread);
	diag_evidence(d, e->t, e->thread, stack, "the wait");
	if (holder) {
		diag_thread(d, holder);
		diag_evidence(d, 0, holder, (u32)event_int(e, "other_stack"),
			      "%s took the mutex here", say_thread(p, holder));
	}
	diag_role(d, stack);
	diag_about(d, ABOUT_SYNC, mutex);
}

void rule_cond_without_mutex(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "cond-wait-without-mutex") == 0)
		say(p, diag_new(out, SEV_ERROR, CONF_CERTAIN), e);
}
