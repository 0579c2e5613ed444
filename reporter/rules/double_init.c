/* SPDX-License-Identifier: MIT */
/*
 * double-init: an init call on an object that lives already. One misuse event for each pair of
 * places, told by the preload. Pure; called by report.c.
 */
#include "lives.h"

#include <stdio.h>
#include <string.h>

const struct rule_text text_double_init = {
    .means =
	"An object is initialised again without having been destroyed. Whoever holds it or waits "
	"for it is forgotten: two threads can be in the critical section at once, waiters are "
	"never woken.",
    .evidence =
	"Both init calls with their stacks; who holds or waits for it. An error if somebody "
	"does, a warning otherwise.",
    .silent =
	"A forked child that makes its locks anew; memory that was freed, unmapped or left by "
	"its function meanwhile; an object whose first initialisation was no call, unless "
	"somebody holds it or waits for it. Memory from an allocator of the program's own may "
	"have changed hands unseen: heap objects made anew by the same calls are a note.",
    .fix = "Initialise it once (pthread_once, or at start-up), and destroy it before its memory is "
	   "used "
	   "for another.",
    .example =
	"void module_open(void)\n{\n        pthread_mutex_init(&lock, NULL);   /* called twice "
	"*/\n}\n",
};

/* Somebody's lock or wait is lost. */
static bool in_use(const struct model_event *e)
{
	return event_int(e, "other") != 0;
}

static bool same_function(const struct model_process *p, u32 a, u32 b)
{
	const struct frames *x = process_frames(p, a), *y = process_frames(p, b);

	return x->n && y->n && x->f[0].function && y->f[0].function &&
	       strcmp(x->f[0].function, y->f[0].function) == 0;
}

/* Made by the same calls as before, in memory whose owner may hand it out itself. */
static bool may_be_another(const struct model_event *e, u32 birth)
{
	return strcmp(event_str(e, "detail"), "heap") == 0 &&
	       (!birth || birth == (u32)event_int(e, "stack"));
}

static u32 birth_of(const struct model_process *p, const struct model_event *e)
{
	const struct st_sync *s = process_sync(p, (u32)event_int(e, "obj"));

	return s ? s->stack : 0;
}

/* On a stack the same address in another call is another object: only two different calls in one
 * function, whose frame still stands, are surely about the same one. */
static bool is_sure(const struct model_process *p, const struct model_event *e)
{
	u32 birth = birth_of(p, e), now = (u32)event_int(e, "stack");

	return strcmp(event_str(e, "detail"), "stack") != 0 || in_use(e) ||
	       (birth && birth != now && same_function(p, birth, now));
}

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	return in_use(e) ? SEV_ERROR : may_be_another(e, birth_of(p, e)) ? SEV_NOTE : SEV_WARNING;
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	char title[160];
	struct misuse m = {
	    .kind = "double-init",
	    .on = ON_LOCK,
	    .title = title,
	    .why =
		"POSIX leaves open what a second initialisation does. glibc sets the object to its "
		"initial state: whoever holds it or waits for it just then is forgotten.",
	    .fix = "Initialise it once (pthread_once, or at start-up), and destroy it before its "
		   "memory "
		   "is used for another.",
	    .severity = severity,
	};
	struct diagnosis *d;

	snprintf(title, sizeof(title), "initialises a %s that is alive already", lives_kind(p, e));
	if (in_use(e)) {
		bool held = strcmp(event_str(e, "detail"), "held") == 0;

		snprintf(title, sizeof(title), "initialises a %s anew that %s %s", lives_kind(p, e),
			 (u32)event_int(e, "other") == e->thread
			     ? "it"
			     : say_thread(p, (u32)event_int(e, "other")),
			 held ? "holds" : "waits for");
		m.other = held ? "it was taken here" : "it was waited for here";
	}
	d = misuse_say(p, out, &m, e);
	if (d && !in_use(e))
		d->confidence = CONF_LIKELY;
	if (d && d->severity == SEV_NOTE)
		d->confidence = CONF_SUSPECTED;
	if (process_sync(p, (u32)event_int(e, "obj")))
		diag_about(d, ABOUT_SITE, process_sync(p, (u32)event_int(e, "obj"))->site);
	lives_born(d, p, e);
}

void rule_double_init(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "double-init") == 0 && is_sure(p, e))
		say(p, out, e);
}
