/* SPDX-License-Identifier: MIT */
/* unlock-by-other-thread: one call on an object, told by the preload as it was made (misuse.h).
 * Pure; called by report.c. */
#include "misuse.h"

#include <string.h>

const struct rule_text text_unlock_by_other_thread = {
    .means = "A thread releases a lock that another thread holds.",
    .evidence = "The call and its stack, the holder and where it took the lock.",
    .silent = "Semaphores, which have no holder.",
    .fix =
	"Unlock in the thread that locked; for hand-over use a semaphore or a condition variable.",
    .example = "/* thread 1 */ pthread_mutex_lock(&m); start(thread2);\n/* thread 2 */ "
	       "pthread_mutex_unlock(&m);   /* not its own */\n",
};

static const struct misuse unlock_by_other_thread = {
    .kind = "unlock-by-other-thread",
    .on = ON_LOCK,
    .title = "releases a lock that another thread holds",
    .why = "The holder goes on believing that it is alone while a third thread may already be in. "
	   "For a "
	   "normal mutex this is "
	   "undefined; a second unlock that hits the next holder is the usual cause.",
    .fix =
	"Unlock in the thread that locked, once; to hand work over use a semaphore or a condition "
	"variable.",
    .other = "the other thread took it here",
};

static void say(const struct model_process *p, struct diagnosis *d, const struct model_event *e)
{
	u32 before = (u32)event_int(e, "third_stack"), stack = (u32)event_int(e, "stack");

	diag_what(d, "In %s, %s releases the %s, which %s took in %s and still holds.",
		  say_place(p, stack), say_thread(p, e->thread),
		  say_sync(p, (u32)event_int(e, "obj"), event_int(e, "addr")),
		  say_thread(p, (u32)event_int(e, "other")),
		  say_place(p, (u32)event_int(e, "other_stack")));
	if (strcmp(event_str(e, "detail"), "twice") != 0)
		return;
	diag_title(d, "in %s, a second unlock by %s hits the next holder", say_place(p, stack),
		   say_thread(p, e->thread));
	diag_why(d,
		 "%s had released the lock already; by the second unlock another thread has it, "
		 "goes on believing that it is alone, and a third one may be let in.",
		 say_thread(p, e->thread));
	diag_evidence(d, 0, e->thread, before, "it had taken the lock here, and released it since");
}

void rule_unlock_by_other_thread(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), unlock_by_other_thread.kind) == 0)
		say(p, misuse_say(p, out, &unlock_by_other_thread, e), e);
}
