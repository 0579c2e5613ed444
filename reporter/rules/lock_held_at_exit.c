/* SPDX-License-Identifier: MIT */
/*
 * lock-held-at-thread-exit: a thread has ended, its cleanup handlers and destructors are through,
 * and it still holds a lock. Evidence: a `misuse` event of the preload. Pure; called by report.c.
 */
#include "held_exit.h"

#include <string.h>

#define GOING_NS 200000000u /* between such a thread's end and its process's */

const struct rule_text text_lock_held_at_exit = {
    .means = "A thread ends and takes a lock with it: nobody else may release it any more.",
    .evidence =
	"Where the lock was taken, how the thread ended, and who waits for the lock since. Judged "
	"after the cleanup handlers and the destructors of thread-specific data.",
    .silent = "Robust mutexes; the end of the process, which ends threads wherever they are; locks "
	      "on the ended thread's own stack. A note where a detached thread left it as the "
	      "process went down, and only detached threads came to it since.",
    .fix = "Release the lock on every way out of the thread's function.",
    .example = "void *worker(void *arg)\n{\n        pthread_mutex_lock(&m);\n        if "
	       "(!work(arg))\n     "
	       "           return NULL;    /* m stays locked */\n        "
	       "pthread_mutex_unlock(&m);\n        "
	       "return arg;\n}\n",
};

/* A runtime that goes down may mean it: the last of its threads keeps a lock, so that nobody passes
 * it any more. Nobody joins that thread, nor any that comes to the lock, and the process is about
 * to end. */
static bool goes_down(const struct model_process *p, const struct model_event *e)
{
	return process_ended_on_purpose(p) && event_int(e, "detached") &&
	       p->facts.ended_at <= e->t + GOING_NS && !held_exit_wanted(p, e);
}

static void say(const struct model_process *p, struct diagnosis *d, const struct model_event *e)
{
	const char *lock = held_exit_lock(p, e), *call = event_str(e, "call");
	u32 taken = (u32)event_int(e, "stack"), end = (u32)event_int(e, "third_stack");

	diag_title(d, "%s ended holding %s", say_thread(p, e->thread), lock);
	if (*call)
		diag_what(d, "%s took %s in %s%s, and ended by %s() in %s without releasing it.",
			  say_thread(p, e->thread), lock, say_place(p, taken), held_exit_reading(e),
			  call, say_place(p, end));
	else
		diag_what(d,
			  "%s took %s in %s%s, and returned from its start function without "
			  "releasing it.",
			  say_thread(p, e->thread), lock, say_place(p, taken),
			  held_exit_reading(e));
	diag_fix(d, "Release it on every way out of the thread's function, before pthread_exit() "
		    "too: by pthread_cleanup_push() in C, by a guard object in C++.");
	held_exit_evidence(p, d, e);
	if (end)
		diag_evidence(d, e->t, e->thread, end, "it called %s() here", call);
	else
		diag_evidence(d, e->t, e->thread, 0, "it ended, with its destructors done");
	if (goes_down(p, e))
		diag_why(d,
			 "Nobody can release it any more: a thread that comes to it waits until "
			 "the process ends. That was %s later, and nobody waited for such a "
			 "thread, so this may be meant.",
			 say_time(p->facts.ended_at > e->t ? p->facts.ended_at - e->t : 0));
	else
		held_exit_waiters(p, d, e);
}

void rule_lock_held_at_exit(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "lock-held-at-thread-exit") == 0)
		say(p, diag_new(out, goes_down(p, e) ? SEV_NOTE : SEV_ERROR, CONF_CERTAIN), e);
}
