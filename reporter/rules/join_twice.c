/* SPDX-License-Identifier: MIT */
/* join-twice: one call on a thread, told by the preload as it was made (misuse.h). Pure; called by
 * report.c. */
#include "misuse.h"

const struct rule_text text_join_twice = {
    .means = "A thread is joined a second time.",
    .evidence = "Both joins with their stacks; by creation, not by the reused handle.",
    .silent = "Another thread that got the same handle.",
    .fix = "Join each thread once.",
    .example = "pthread_join(t, NULL);\n…\npthread_join(t, NULL);\n",
};

static const struct misuse join_twice = {
    .kind = "join-twice",
    .on = ON_THREAD,
    .title = "joins a thread that was joined before",
    .why = "The handle of a joined thread may belong to a new one by now: the call then joins a "
	   "stranger, or reads freed memory.",
    .fix = "Join each thread once, in the place that owns it.",
    .other = "that thread was started here",
};

void rule_join_twice(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &join_twice);
}
