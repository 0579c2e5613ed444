/* SPDX-License-Identifier: MIT */
/* destroy-while-in-use: one call on an object, told by the preload as it was made (misuse.h). Pure;
 * called by report.c. */
#include "misuse.h"

const struct rule_text text_destroy_while_in_use = {
    .means = "An object is destroyed while somebody holds it or waits on it.",
    .evidence = "The destroying call, who uses the object and where.",
    .silent = "Destroyed after the last unlock has released it.",
    .fix = "Let all users finish before destroying it.",
    .example =
	"pthread_cond_broadcast(&c);\npthread_cond_destroy(&c);   /* the waiters are still inside "
	"*/\n",
};

static const struct misuse destroy_while_in_use = {
    .kind = "destroy-while-in-use",
    .on = ON_LOCK,
    .title = "destroys an object that is in use",
    .why = "Whoever holds or waits for it goes on using memory that no longer is a lock; glibc "
	   "waits for "
	   "the waiters of a "
	   "condition variable or barrier for ever.",
    .fix = "Let all users finish (join them, or count them down) before destroying it.",
    .other = "it was in use here",
};

void rule_destroy_while_in_use(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &destroy_while_in_use);
}
