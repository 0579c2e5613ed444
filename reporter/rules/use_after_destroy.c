/* SPDX-License-Identifier: MIT */
/*
 * use-after-destroy: an object is used after the call that destroyed it. One misuse event each,
 * told by the preload before the real call. Pure; called by report.c.
 */
#include "lives.h"

#include <stdio.h>
#include <string.h>

const struct rule_text text_use_after_destroy = {
    .means =
	"A mutex, condition variable, rwlock, spinlock, semaphore or barrier is used after it was "
	"destroyed. POSIX leaves open what happens: glibc refuses a destroyed mutex with EINVAL, "
	"so "
	"that the code behind it runs without the lock; on others the call seems to work until the "
	"memory is used for something else.",
    .evidence = "The use, the destroying call, and the initialisation, each with its stack and "
		"thread.",
    .silent = "The object was destroyed after the last unlock had released it, even if that unlock "
	      "had not "
	      "returned; a new object lies at the address, also one made by assigning a static "
	      "initialiser; "
	      "the memory was freed, unmapped or left by its function meanwhile; objects shared "
	      "with other "
	      "processes. Destroying twice is a warning.",
    .fix =
	"Destroy an object only when nobody can use it any more: after its threads were joined or "
	"counted out; initialise it anew if it is to be used again.",
    .example = "pool_shutdown(p);          /* pthread_mutex_destroy(&p->lock) */\n"
	       "...\n"
	       "pthread_mutex_lock(&p->lock);   /* a worker that was not joined */\n",
};

static bool is_destroy(const struct model_event *e)
{
	return strcmp(event_str(e, "call"), "destroy") == 0;
}

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	(void)p;
	return is_destroy(e) ? SEV_WARNING : SEV_ERROR;
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	char title[160];
	struct misuse m = {
	    .kind = "use-after-destroy",
	    .on = ON_LOCK,
	    .title = title,
	    .why =
		"A destroyed object is no object: a lock that was destroyed keeps nobody out, and "
		"glibc's calls on it fail (EINVAL) or go on in memory that may belong to "
		"something else by now.",
	    .fix = "Let all users finish (join them, or count them down) before the object is "
		   "destroyed, or initialise it again before its next use.",
	    .other = "it was destroyed here",
	    .severity = severity,
	};

	if (is_destroy(e)) {
		snprintf(title, sizeof(title), "%s a second time", lives_deed(p, e));
		m.why =
		    "POSIX allows nothing with a destroyed object but to initialise it again. If "
		    "something else lies in its memory by now, the second destroy spoils that.";
		m.fix = "Destroy it in one place, once; find out which of the two owns it.";
	} else {
		snprintf(title, sizeof(title), "%s that was destroyed before", lives_deed(p, e));
	}
	lives_born(misuse_say(p, out, &m, e), p, e);
}

void rule_use_after_destroy(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "use-after-destroy") == 0)
		say(p, out, e);
}
