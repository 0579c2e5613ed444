/* SPDX-License-Identifier: MIT */
/* join-detached: one call on a thread, told by the preload as it was made (misuse.h). Pure; called
 * by report.c. */
#include "misuse.h"

const struct rule_text text_join_detached = {
    .means = "A detached thread is joined.",
    .evidence = "The join and the detaching.",
    .silent = "Another thread that got the same handle.",
    .fix = "Either detach or join.",
    .example = "pthread_detach(t);\npthread_join(t, NULL);\n",
};

static const struct misuse join_detached = {
    .kind = "join-detached",
    .on = ON_THREAD,
    .title = "joins a detached thread",
    .why = "A detached thread's handle is free for reuse the moment it ends: the call fails, or "
	   "joins a "
	   "stranger.",
    .fix = "Either detach a thread or join it.",
    .other = "that thread was started here",
};

void rule_join_detached(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &join_detached);
}
