/* SPDX-License-Identifier: MIT */
/*
 * wrong-object-kind: a call of one family on the address of an object of another. One misuse event
 * an object, told by the preload before the real call. Pure; called by report.c.
 */
#include "lives.h"

#include <stdio.h>
#include <string.h>

const struct rule_text text_wrong_object_kind = {
    .means = "The address of one kind of object is given to a call of another: a semaphore to "
	     "pthread_mutex_lock(), a mutex to pthread_rwlock_rdlock(). The call takes the bytes "
	     "for its own kind of object, and spoils them.",
    .evidence =
	"The call; where the object was made, and as what; and that it is still that object: "
	"somebody holds it or waits for it just then or at the end, its bytes are those of its "
	"kind, it lies in memory that does not change hands, or it is destroyed as what it was "
	"made later. Without any of these (memory of an allocator of the program's own may have "
	"changed hands unseen) it is a note.",
    .silent = "The other object was destroyed, its memory freed, unmapped or left by its function, "
	      "or an init call has made another one there (unions, pools); one that was never made "
	      "by a call and that nobody holds or waits for; objects shared with other processes; "
	      "an unlock by the thread that holds it.",
    .fix = "Give each call an object of its own kind. Where handles go through void pointers, keep "
	   "a tag in front of the object and check it.",
    .example = "void *h = os_sem_create(1);     /* sem_init() */\n"
	       "os_mutex_take(h);               /* pthread_mutex_lock((pthread_mutex_t *)h) */\n",
};

static const char *words_of(const char *kind)
{
	return strcmp(kind, "cond") == 0       ? "a condition variable"
	       : strcmp(kind, "sem") == 0      ? "a semaphore"
	       : strcmp(kind, "rwlock") == 0   ? "an rwlock"
	       : strcmp(kind, "mutex") == 0    ? "a mutex"
	       : strcmp(kind, "spinlock") == 0 ? "a spinlock"
					       : "a barrier";
}

/* The use that proves that the object was still the one that had been made. */
struct proof {
	const struct st_live *user; /* uses it at the end */
	const struct st_sync *destroyed;
};

static bool is_proved(const struct model_process *p, const struct model_event *e, struct proof *pr)
{
	const struct st_sync *s = process_sync(p, (u32)event_int(e, "obj"));

	*pr = (struct proof){0};
	if (!s)
		return false;
	FOR_EACH_ROW(p, live, l)
	if (l->wait_call && l->wait_obj == s->serial && l->wait_addr == s->addr)
		pr->user = l;
	if (s->died && s->died_stack)
		pr->destroyed = s;
	return pr->user || pr->destroyed;
}

static const char *because(const struct model_event *e)
{
	static const struct {
		const char *detail, *words;
	} reasons[] = {
	    {"held", "It is held as what it is at that moment."},
	    {"waited", "Somebody waits for it as what it is at that moment."},
	    {"bytes", "Its bytes are still those of what it was made as."},
	    {"module", "It lies in static memory, and nothing has been made there since."},
	    {"stack", "The function in which it lies has not returned."},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strcmp(reasons[i].detail, event_str(e, "detail")) == 0)
			return reasons[i].words;
	return NULL;
}

static const char *now(const struct model_event *e)
{
	const char *detail = event_str(e, "detail");

	return strcmp(detail, "held") == 0     ? "it was taken here"
	       : strcmp(detail, "waited") == 0 ? "it was waited for here"
					       : NULL;
}

static bool is_certain(const struct model_event *e)
{
	return now(e) != NULL;
}

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	struct proof pr;

	return because(e) || is_proved(p, e, &pr) ? SEV_ERROR : SEV_NOTE;
}

static void tell_proof(struct diagnosis *d, const struct model_event *e, const struct proof *pr)
{
	if (pr->destroyed)
		diag_evidence(d, pr->destroyed->died, pr->destroyed->died_by,
			      pr->destroyed->died_stack,
			      "it was destroyed as what it had been made here");
	else if (pr->user && !is_certain(e))
		diag_evidence(d, pr->user->wait_since, pr->user->thread, pr->user->wait_stack,
			      "it is waited for here, as what it was made");
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	const char *taken_for = words_of(event_str(e, "taken_for")), *reason = because(e);
	char title[160];
	struct misuse m = {
	    .kind = "wrong-object-kind",
	    .on = ON_LOCK,
	    .title = title,
	    .why = "",
	    .fix = "Give the call an object of its own kind; look at what was cast to pass it.",
	    .other = now(e) ? now(e) : "",
	    .severity = severity,
	};
	struct proof pr;
	struct diagnosis *d;

	snprintf(title, sizeof(title), "%s as if it were %s", lives_deed(p, e), taken_for);
	d = misuse_say(p, out, &m, e);
	if (!d)
		return;
	if (!is_proved(p, e, &pr))
		pr = (struct proof){0};
	diag_why(d,
		 "The call takes the bytes of the %s for %s: what it does depends on them, and "
		 "afterwards they are neither.%s%s",
		 lives_kind(p, e), taken_for, reason ? " " : "", reason ? reason : "");
	if (!is_certain(e))
		d->confidence = severity(p, e) == SEV_NOTE ? CONF_SUSPECTED : CONF_LIKELY;
	lives_born(d, p, e);
	tell_proof(d, e, &pr);
	/* what the call made of it in our books is no object of its own */
	FOR_EACH_ROW(p, sync, s)
	if (s->addr == event_int(e, "addr"))
		diag_about(d, ABOUT_SYNC, s->serial);
}

void rule_wrong_object_kind(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "wrong-object-kind") == 0)
		say(p, out, e);
}
