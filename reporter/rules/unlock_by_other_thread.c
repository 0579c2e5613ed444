/* SPDX-License-Identifier: MIT */
/* unlock-by-other-thread: one call on an object, told by the preload as it was made (misuse.h).
 * Pure; called by report.c. */
#include "misuse.h"

const struct rule_text text_unlock_by_other_thread = {
    .means = "A thread releases a lock that another thread holds.",
    .evidence = "The call and its stack, the holder and where it took the lock.",
    .silent = "Semaphores, which have no holder.",
    .fix =
	"Unlock in the thread that locked; for hand-over use a semaphore or a condition variable.",
    .example = "/* thread 1 */ pthread_mutex_lock(&m); start(thread2);\n/* thread 2 */ "
	       "pthread_mutex_unlock(&m);   /* not its own */\n",
};

static const struct misuse unlock_by_other_thread = {
    .kind = "unlock-by-other-thread",
    .on = ON_LOCK,
    .title = "releases a lock that another thread holds",
    .why = "The holder goes on believing that it is alone while a third thread may already be in. "
	   "For a "
	   "normal mutex this is "
	   "undefined; a second unlock that hits the next holder is the usual cause.",
    .fix =
	"Unlock in the thread that locked, once; to hand work over use a semaphore or a condition "
	"variable.",
    .other = "the other thread took it here",
};

void rule_unlock_by_other_thread(const struct model_process *p, struct findings *out)
{
	misuse_run(p, out, &unlock_by_other_thread);
}
