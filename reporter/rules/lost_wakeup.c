/* SPDX-License-Identifier: MIT */
/*
 * lost-wakeup: a condition variable was signalled when nobody waited; then a thread began to wait
 * for that signal, for good. Evidence: the signal and the wait, with times and stacks; that nobody
 * could still signal, and that something needs the waiter (wake.h). Pure.
 */
#include "stuck.h"

#define COARSE 10000000u /* ns: the signal's time is that of the last tick */

const struct rule_text text_lost_wakeup = {
    .means = "A signal to a condition variable is not kept: it wakes who waits at that moment and "
	     "is forgotten otherwise. A thread that begins to wait after the only signal waits for "
	     "ever.",
    .evidence = "The signal, made when nobody waited; the wait that began after it; that everybody "
		"who could signal again has ended or is stuck, and that somebody waits for the "
		"waiter, or the whole process does.",
    .silent = "Somebody could still signal; nobody needs the waiter; the condition variable has "
	      "woken somebody before, or this thread has waited there before (then it is a thread "
	      "whose queue went silent, and stuck-thread speaks).",
    .fix =
	"Let a variable say what has happened: set it under the mutex before the signal, and wait "
	"in a loop, under the same mutex, only while it is not set.",
    .example =
	"pthread_mutex_lock(&m);\n"
	"pthread_cond_wait(&c, &m);   /* the signal may have come already: while (!ready) is "
	"missing */\n",
};

static void say(const struct wake *k, struct findings *out, const struct wake_thread *t)
{
	struct diagnosis *d = diag_new(out, SEV_WARNING, CONF_LIKELY);
	const struct st_sync *s = t->sync;
	u64 late = t->since - s->unheard_at;
	bool at_once = late < COARSE;

	diag_title(d, "%s waits in %s for a signal that was made before it came",
		   say_thread(k->p, t->serial), say_stuck_place(k, t));
	diag_what(d,
		  "%s signalled %s in %s when nobody waited for it; %s began to wait in %s %s%s "
		  "and has not been woken since. Nobody is left who could signal again.",
		  say_thread(k->p, s->unheard_by), say_stuck_object(k, t),
		  say_place(k->p, s->unheard_stack), say_thread(k->p, t->serial),
		  say_stuck_place(k, t), at_once ? "just after that" : say_time(late),
		  at_once ? "" : " later");
	diag_why(d, "A signal that nobody waits for is lost. %s",
		 k->whole ? "No thread of the process can go on."
			  : "The others that wait for this thread will never go on, either.");
	diag_fix(
	    d,
	    "Set a variable under the mutex before the signal, and wait under the same mutex in a "
	    "loop, only while it is not set: then it does not matter who comes first.");
	diag_evidence(d, s->unheard_at, s->unheard_by, s->unheard_stack,
		      "%s signalled here; nobody waited", say_thread(k->p, s->unheard_by));
	stuck_tell_wait(d, k, t);
	stuck_tell_waiters(d, k, t);
	stuck_add_object(d, k, t);
	stuck_about(d, k, t);
	stuck_role(d, k, t);
	diag_role(d, s->unheard_stack);
}

static bool is_first(const struct wake *k, const struct wake_thread *t)
{
	for (const struct wake_thread *w = k->thread; w < t; w++)
		if (stuck_is_root(k, w) && stuck_same(w, t) && stuck_by_lost_wakeup(k, w))
			return false;
	return true;
}

void rule_lost_wakeup(const struct model_process *p, struct findings *out)
{
	struct wake k;

	if (wake_make(&k, p) == 0 && p->facts.ended != ENDED_EXEC)
		for (u32 i = 0; i < k.n; i++) {
			const struct wake_thread *t = &k.thread[i];

			if (stuck_is_root(&k, t) && stuck_matters(&k, t) &&
			    stuck_by_lost_wakeup(&k, t) && is_first(&k, t))
				say(&k, out, t);
		}
	wake_free(&k);
}
