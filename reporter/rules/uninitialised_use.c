/* SPDX-License-Identifier: MIT */
/*
 * uninitialised-use: the first use of an object whose bytes no initialisation could have left. One
 * misuse event each, told by the preload before the real call. Pure; called by report.c.
 */
#include "lives.h"

#include <stdio.h>
#include <string.h>

const struct rule_text text_uninitialised_use = {
    .means = "A synchronisation object is used that was never initialised: its bytes are what "
	     "malloc() or an old stack frame left there.",
    .evidence = "The first use that was seen, and that the bytes are neither those of an "
		"initialised object, in whatever state, nor a static initialiser's.",
    .silent =
	"Zero bytes (a barrier apart: it has no static initialiser, and libc divides by its "
	"count); any bytes that a living object can have, however it was made: initialised before "
	"the tool came, by another process, copied, moved.",
    .fix = "Initialise it with its init call, or with its static initialiser where it is defined.",
    .example = "struct queue *q = malloc(sizeof(*q));\n"
	       "pthread_mutex_lock(&q->lock);   /* pthread_mutex_init() is missing */\n",
};

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	(void)p, (void)e;
	return SEV_WARNING;
}

void rule_uninitialised_use(const struct model_process *p, struct findings *out)
{
	char title[160];
	struct misuse m = {
	    .kind = "uninitialised-use",
	    .on = ON_LOCK,
	    .title = title,
	    .why =
		"Its bytes are none that an initialised one can have: it was never initialised, or "
		"something has overwritten it (its memory may have been freed). What the call "
		"does depends on what was there before: it fails, hangs, or lets everybody in.",
	    .fix =
		"Initialise it before its first use; if the code does, look for what overwrites it "
		"or frees its memory.",
	    .severity = severity,
	};

	FOR_EACH_EVENT(p, "misuse", e)
	{
		if (strcmp(event_str(e, "kind"), m.kind) != 0)
			continue;
		snprintf(title, sizeof(title), "%s that is not initialised", lives_deed(p, e));
		misuse_say(p, out, &m, e);
	}
}
