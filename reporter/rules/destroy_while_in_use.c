/* SPDX-License-Identifier: MIT */
/*
 * destroy-while-in-use: an object is destroyed, or its memory given back, while somebody holds it
 * or waits for it. One misuse event each, told by the preload before the real call. Pure; called by
 * report.c.
 */
#include "lives.h"

#include <stdio.h>
#include <string.h>

const struct rule_text text_destroy_while_in_use = {
    .means =
	"An object is destroyed, or the memory it lies in is freed or unmapped, while somebody "
	"holds it or waits for it.",
    .evidence = "The call, made by whom and where; who uses the object and since which call.",
    .silent =
	"Destroyed after the last unlock has released it, even if that unlock has not returned; "
	"waiters "
	"that were woken and are on their way out; objects shared with other processes; memory "
	"that is "
	"only unmapped by the end of the process. A thread that frees what only itself holds is a "
	"warning.",
    .fix = "Let all users finish before destroying it.",
    .example = "pthread_cond_destroy(&c);   /* nobody has woken the waiters: libc waits for them, "
	       "for ever "
	       "*/\n",
};

static bool by_itself(const struct model_event *e)
{
	return (u32)event_int(e, "other") == e->thread;
}
static bool is_call(const struct model_event *e, const char *call)
{
	return strcmp(event_str(e, "call"), call) == 0;
}

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	(void)p;
	return by_itself(e) && (is_call(e, "free") || is_call(e, "munmap")) ? SEV_WARNING
									    : SEV_ERROR;
}

static void title_of(char *title, size_t size, const struct model_process *p,
		     const struct model_event *e)
{
	u32 other = (u32)event_int(e, "other");
	const char *who = by_itself(e) ? "it" : say_thread(p, other);
	const char *does = strcmp(event_str(e, "detail"), "waited") == 0 ? "waits for" : "holds";

	if (!other)
		snprintf(title, size, "destroys a %s that is in use", lives_kind(p, e));
	else if (is_call(e, "thread end"))
		snprintf(title, size, "ends, and its stack goes with a %s that %s %s",
			 lives_kind(p, e), who, does);
	else
		snprintf(title, size, "%s that %s %s", lives_deed(p, e), who, does);
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	char title[200];
	struct misuse m = {
	    .kind = "destroy-while-in-use",
	    .on = ON_LOCK,
	    .title = title,
	    .why = "Whoever holds or waits for it goes on using memory that is no longer an "
		   "object, and "
		   "what it guards is guarded no more.",
	    .fix = "Let all users finish (join them, or count them down) before it is destroyed or "
		   "its "
		   "memory given back.",
	    .other = strcmp(event_str(e, "detail"), "waited") == 0 ? "it is waited for here"
								   : "it was taken here",
	    .severity = severity,
	};
	const char *kind = lives_kind(p, e);

	title_of(title, sizeof(title), p, e);
	if (is_call(e, "destroy") && (*kind == 'c' || *kind == 'b'))
		m.why =
		    "glibc's call waits until all waiters have left. Nobody has woken them: it may "
		    "never return.";
	if (strcmp(event_str(e, "err"), "EBUSY") == 0)
		m.why = "glibc refuses (EBUSY) and the mutex stays as it is, which code that "
			"ignores the "
			"answer doesn't know; other systems destroy it under its holder.";
	if (is_call(e, "free") || is_call(e, "munmap"))
		m.why = "Unlocking it, or being woken, writes into memory that belongs to "
			"something else "
			"by then, or to nothing.";
	lives_born(misuse_say(p, out, &m, e), p, e);
}

void rule_destroy_while_in_use(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "destroy-while-in-use") == 0)
		say(p, out, e);
}
