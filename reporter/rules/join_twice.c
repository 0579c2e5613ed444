/* SPDX-License-Identifier: MIT */
/* join-twice: one call on a thread, told by the preload as it was made (misuse.h). Pure; called by
 * report.c. */
#include "misuse.h"

#include <string.h>

const struct rule_text text_join_twice = {
    .means = "A thread is joined a second time, or detached after it was joined.",
    .evidence = "Both calls with their stacks, and where the thread was started; by creation, not "
		"by the handle, which is used again.",
    .silent = "Another thread that got the same handle; tryjoin and timed joins that failed "
	      "because the thread still ran.",
    .fix = "Join each thread once.",
    .example = "pthread_join(t, NULL);\n…\npthread_join(t, NULL);\n",
};

static const struct misuse
    twice =
	{
	    .kind = "join-twice",
	    .on = ON_THREAD,
	    .title = "joins a thread that was joined before",
	    .why =
		"The handle of a joined thread may belong to a new one by now: the call then joins "
		"a stranger, or reads freed memory.",
	    .fix = "Join each thread once, in the place that owns it.",
	    .other = "it was joined here first",
},
    detached = {
	.kind = "join-twice",
	.on = ON_THREAD,
	.title = "detaches a thread that was joined before",
	.why = "The handle of a joined thread may belong to a new one by "
	       "now: the call then detaches a stranger, which nobody can "
	       "join any more, or writes to freed memory.",
	.fix = "Either join a thread or detach it, once, in the place that "
	       "owns it.",
	.other = "it was joined here",
};

/* Two of them at the same time, or a handle that was never seen. */
static void say_variant(const struct model_process *p, struct diagnosis *d,
			const struct model_event *e)
{
	const char *detail = event_str(e, "detail"), *place;

	place = say_place(p, (u32)event_int(e, "stack"));
	if (strcmp(detail, "meanwhile") == 0) {
		diag_title(d, "in %s, %s joins a thread that %s is joining", place,
			   say_thread(p, e->thread), say_thread(p, (u32)event_int(e, "other")));
		diag_why(d, "Only one thread can wait for another one's end and take its result; "
			    "the call that comes second fails, or finds the handle gone.");
	} else if (strcmp(detail, "unknown") == 0) {
		diag_title(d, "in %s, %s joins a handle that belongs to no thread", place,
			   say_thread(p, e->thread));
		diag_what(d,
			  "In %s, %s gives %s() a handle that belongs to no living thread (the "
			  "call returned %s): it was joined long ago, or never was one.",
			  place, say_thread(p, e->thread), event_str(e, "call"),
			  event_str(e, "err"));
	}
}

void rule_join_twice(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	{
		bool detach = strstr(event_str(e, "call"), "detach");
		u32 born = (u32)event_int(e, "third_stack");
		struct diagnosis *d;

		if (strcmp(event_str(e, "kind"), "join-twice") != 0)
			continue;
		d = misuse_say(p, out, detach ? &detached : &twice, e);
		say_variant(p, d, e);
		if (born)
			diag_evidence(d, 0, (u32)event_int(e, "third"), born,
				      "that thread was started here");
	}
}
