/* SPDX-License-Identifier: MIT */
/* unlock-not-held: one call on an object, told by the preload as it was made (misuse.h). Pure;
 * called by report.c. */
#include "misuse.h"

const struct rule_text text_unlock_not_held = {
    .means = "A lock is released while nobody holds it: one unlock too many, or an unlock without "
	     "its lock.",
    .evidence = "The call, its stack, and the last release of the same lock.",
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
    .other = "it was last released here",
};

void rule_unlock_not_held(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &unlock_not_held);
}
