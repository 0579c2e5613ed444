/* SPDX-License-Identifier: MIT */
/* Words of the rules about lives of objects. See lives.h. Pure; called by them. */
#include "lives.h"

#include <stdio.h>
#include <string.h>

const char *lives_kind(const struct model_process *p, const struct model_event *e)
{
	static const char *const kinds[SYNC_KINDS] = {
	    "object",	 "mutex",   "rwlock", "spinlock", "condition variable",
	    "semaphore", "barrier", "once"};
	const struct st_sync *s = process_sync(p, (u32)event_int(e, "obj"));

	return kinds[s && s->kind < SYNC_KINDS ? s->kind : 0];
}

static const char *verb(const char *call)
{
	static const struct {
		const char *call, *verb;
	} verbs[] = {{"lock", "locks"},
		     {"try-lock", "tries to lock"},
		     {"unlock", "unlocks"},
		     {"wait", "waits on"},
		     {"signal", "signals"},
		     {"broadcast", "broadcasts to"},
		     {"post", "posts"},
		     {"destroy", "destroys"},
		     {"read-lock", "read-locks"},
		     {"write-lock", "write-locks"},
		     {"free", "frees the memory of"},
		     {"munmap", "unmaps the memory of"}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verbs[i].call, call) == 0)
			return verbs[i].verb;
	return "uses";
}

const char *lives_deed(const struct model_process *p, const struct model_event *e)
{
	static char deed[96];
	const char *kind = lives_kind(p, e);

	snprintf(deed, sizeof(deed), "%s %s %s", verb(event_str(e, "call")),
		 *kind == 'o' || *kind == 'r' ? "an" : "a", kind);
	return deed;
}

void lives_born(struct diagnosis *d, const struct model_process *p, const struct model_event *e)
{
	const struct st_sync *s = process_sync(p, (u32)event_int(e, "obj"));

	if (s && s->stack && !(s->flags & SF_STATIC))
		diag_evidence(d, s->born, s->thread, s->stack, "it had been initialised here");
}
