/* SPDX-License-Identifier: MIT */
/* barrier-misuse: one call on an object, told by the preload as it was made (misuse.h). Pure;
 * called by report.c. */
#include "misuse.h"

const struct rule_text text_barrier_misuse = {
    .means = "A barrier is made or used in a way that cannot work.",
    .evidence = "The call and what it returned.",
    .silent = "-",
    .fix = "Give it the number of threads that will wait.",
    .example = "pthread_barrier_init(&b, NULL, 0);   /* EINVAL */\n",
};

static const struct misuse barrier_misuse = {
    .kind = "barrier-misuse",
    .on = ON_LOCK,
    .title = "uses a barrier in a way that cannot work",
    .why = "A barrier needs a count of at least one and exactly that many threads at each turn.",
    .fix = "Give pthread_barrier_init() the number of threads that will wait.",
    .other = "the other use",
};

void rule_barrier_misuse(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &barrier_misuse);
}
