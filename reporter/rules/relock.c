/* SPDX-License-Identifier: MIT */
/* relock: one call on an object, told by the preload as it was made (misuse.h). Pure; called by
 * report.c. */
#include "misuse.h"

#include <string.h>

const struct rule_text text_relock = {
    .means =
	"A thread asks for a lock that it already holds, and the C library refuses with EDEADLK.",
    .evidence =
	"Both calls with their stacks. An error if the thread then releases the lock once too "
	"often, as code does that believes it has it; a warning where it took the refusal as one.",
    .silent = "Recursive mutexes; trylock, which refuses with EBUSY.",
    .fix = "Split off a function that expects the lock to be held.",
    .example =
	"pthread_mutex_lock(&errorcheck);\nrc = pthread_mutex_lock(&errorcheck);   /* EDEADLK */\n",
};

/* Did the same thread release the lock later while it was not its own? Then it went on as if the
 * refused call had succeeded: its first unlock opened the outer section too early. */
static const struct model_event *one_too_many(const struct model_process *p,
					      const struct model_event *relock)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (e->order > relock->order && e->thread == relock->thread &&
	    event_int(e, "addr") == event_int(relock, "addr") &&
	    strncmp(event_str(e, "kind"), "unlock-", 7) == 0)
		return e;
	return NULL;
}

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	return one_too_many(p, e) ? SEV_ERROR : SEV_WARNING;
}

static const struct misuse relock = {
    .kind = "relock",
    .on = ON_LOCK,
    .title = "asks again for a lock that it already holds",
    .severity = severity,
    .why = "The call returned EDEADLK and took nothing. A normal mutex would hang here.",
    .fix =
	"Split off a function that expects the lock to be held, and call that one from code that "
	"holds it.",
    .other = "it was taken here first",
};

void rule_relock(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	{
		const struct model_event *u;
		struct diagnosis *d;

		if (strcmp(event_str(e, "kind"), relock.kind) != 0)
			continue;
		d = misuse_say(p, out, &relock, e);
		u = one_too_many(p, e);
		if (!u)
			continue;
		diag_why(d, "The call returned EDEADLK and took nothing, but the thread went on as "
			    "if it had: its next unlock opened the outer section too early, and "
			    "the one after that released what it no longer held.");
		diag_evidence(d, u->t, u->thread, (u32)event_int(u, "stack"),
			      "one unlock too many");
	}
}
