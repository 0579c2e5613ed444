/* SPDX-License-Identifier: MIT */
/* semaphore-misuse: one call on an object, told by the preload as it was made (misuse.h). Pure;
 * called by report.c. */
#include "misuse.h"

const struct rule_text text_semaphore_misuse = {
    .means = "A semaphore overflows, or is destroyed under its waiters.",
    .evidence = "The call and what it returned.",
    .silent = "Posting more often than waiting, below the limit.",
    .fix = "Post once for each thing made.",
    .example = "sem_init(&s, 0, SEM_VALUE_MAX);\nsem_post(&s);                /* EOVERFLOW */\n",
};

static const struct misuse semaphore_misuse = {
    .kind = "semaphore-misuse",
    .on = ON_LOCK,
    .title = "uses a semaphore in a way that cannot work",
    .why =
	"Posting past SEM_VALUE_MAX fails (EOVERFLOW) and the post is lost; a semaphore destroyed "
	"under its waiters leaves them "
	"waiting for ever.",
    .fix =
	"Post as often as something was made, and destroy the semaphore after its last waiter has "
	"gone.",
    .other = "the other use",
};

void rule_semaphore_misuse(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &semaphore_misuse);
}
