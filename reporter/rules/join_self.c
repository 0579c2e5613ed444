/* SPDX-License-Identifier: MIT */
/* join-self: one call on a thread, told by the preload as it was made (misuse.h). Pure; called by
 * report.c. */
#include "misuse.h"

const struct rule_text text_join_self = {
    .means = "A thread joins itself.",
    .evidence = "The call with its stack.",
    .silent = "-",
    .fix = "Join from the thread that started it.",
    .example = "pthread_join(pthread_self(), NULL);\n",
};

static const struct misuse join_self = {
    .kind = "join-self",
    .on = ON_THREAD,
    .title = "joins itself",
    .why = "The call cannot end; the C library answers EDEADLK where it notices.",
    .fix = "Join a thread from the one that started it.",
    .other = "it was started here",
};

void rule_join_self(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &join_self);
}
