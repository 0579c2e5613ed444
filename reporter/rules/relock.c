/* SPDX-License-Identifier: MIT */
/* relock: one call on an object, told by the preload as it was made (misuse.h). Pure; called by
 * report.c. */
#include "misuse.h"

const struct rule_text text_relock = {
    .means =
	"A thread asks for a lock that it already holds, and the C library refuses with EDEADLK.",
    .evidence = "Both calls with their stacks.",
    .silent = "Recursive mutexes.",
    .fix = "Split off a function that expects the lock to be held.",
    .example =
	"pthread_mutex_lock(&errorcheck);\nrc = pthread_mutex_lock(&errorcheck);   /* EDEADLK */\n",
};

static const struct misuse relock = {
    .kind = "relock",
    .on = ON_LOCK,
    .title = "asks again for a lock that it already holds",
    .why =
	"The call returned EDEADLK and took nothing: what follows is not protected by it, and the "
	"unlock that follows opens the "
	"outer section too early. A normal mutex would hang here.",
    .fix =
	"Split off a function that expects the lock to be held, and call that one from code that "
	"holds it.",
    .other = "it was taken here first",
};

void rule_relock(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &relock);
}
