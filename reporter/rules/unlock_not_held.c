/* SPDX-License-Identifier: MIT */
/* unlock-not-held: one call on an object, told by the preload as it was made (misuse.h). Pure;
 * called by report.c. */
#include "misuse.h"

#include <string.h>

const struct rule_text text_unlock_not_held = {
    .means = "A lock is released while nobody holds it: one unlock too many, or an unlock without "
	     "its lock.",
    .evidence = "The call and its stack; where the thread had taken the lock before, if it gave it "
		"back just now.",
    .silent = "Semaphores; locks acquired by trylock or timed variants, or before the tool came.",
    .fix = "Make every path that unlocks have locked exactly once.",
    .example =
	"if (error) {\n        pthread_mutex_unlock(&m);\n        goto out;\n}\n…\nout:\n        "
	"pthread_mutex_unlock(&m);   /* a second time */\n",
};

static const struct misuse unlock_not_held = {
    .kind = "unlock-not-held",
    .on = ON_LOCK,
    .title = "releases a lock that nobody holds",
    .why =
	"The state the lock guards was not protected when the code believed it was; for a normal "
	"mutex the call is undefined "
	"and can let two threads in at once.",
    .fix = "Make every path that unlocks have locked exactly once; look for a second unlock on an "
	   "error "
	   "path.",
};

static void say(const struct model_process *p, struct diagnosis *d, const struct model_event *e)
{
	u32 before = (u32)event_int(e, "third_stack");

	if (strcmp(event_str(e, "detail"), "twice") != 0)
		return;
	diag_title(d, "in %s, %s releases a lock a second time",
		   say_place(p, (u32)event_int(e, "stack")), say_thread(p, e->thread));
	diag_what(d,
		  "In %s, %s releases the %s, which it had taken in %s and has already released: "
		  "nobody holds it.",
		  say_place(p, (u32)event_int(e, "stack")), say_thread(p, e->thread),
		  say_sync(p, (u32)event_int(e, "obj"), event_int(e, "addr")),
		  say_place(p, before));
	diag_evidence(d, 0, e->thread, before, "it had taken the lock here, and released it since");
}

void rule_unlock_not_held(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), unlock_not_held.kind) == 0)
		say(p, misuse_say(p, out, &unlock_not_held, e), e);
}
