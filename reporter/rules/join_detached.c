/* SPDX-License-Identifier: MIT */
/* join-detached: one call on a thread, told by the preload as it was made (misuse.h). Pure; called
 * by report.c. */
#include "misuse.h"

#include <string.h>

const struct rule_text text_join_detached = {
    .means = "A detached thread is joined, or detached once more.",
    .evidence = "The call, where the thread was detached, and where it was started.",
    .silent = "Another thread that got the same handle; threads whose start was not seen.",
    .fix = "Either detach a thread or join it, once.",
    .example = "pthread_detach(t);\npthread_join(t, NULL);\n",
};

static const struct misuse
    joined =
	{
	    .kind = "join-detached",
	    .on = ON_THREAD,
	    .title = "joins a detached thread",
	    .why = "A detached thread's handle is free for reuse the moment it ends: the call "
		   "fails, joins "
		   "a stranger, or reads freed memory. Nothing waits for that thread's end.",
	    .fix = "Either detach a thread or join it.",
	    .other = "it was detached here",
},
    detached = {
	.kind = "join-detached",
	.on = ON_THREAD,
	.title = "detaches a thread that is detached already",
	.why = "A detached thread's handle is free for reuse the moment it "
	       "ends: the second call may detach a stranger, which nobody "
	       "can join any more, or write to freed memory.",
	.fix = "Detach it in one place: where it is created, or in itself.",
	.other = "it was detached here first",
};

void rule_join_detached(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	{
		bool detach = strstr(event_str(e, "call"), "detach");
		u32 born = (u32)event_int(e, "third_stack");
		struct diagnosis *d;

		if (strcmp(event_str(e, "kind"), "join-detached") != 0)
			continue;
		d = misuse_say(p, out, detach ? &detached : &joined, e);
		if (born)
			diag_evidence(
			    d, 0, (u32)event_int(e, "third"), born,
			    event_int(e, "other_stack")
				? "that thread was started here"
				: "that thread was started here, detached from its birth");
	}
}
