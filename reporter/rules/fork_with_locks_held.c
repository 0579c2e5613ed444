/* SPDX-License-Identifier: MIT */
/*
 * fork-with-locks-held: a lock that a thread of the parent held when this process was forked.
 * Evidence: the `misuse` event of the thread that is about to block on it, or, without a call, the
 * one written at the end of a child that lived on with such a lock. Pure; called by report.c.
 */
#include <stdio.h>
#include <string.h>
#include "rule.h"

const struct rule_text text_fork_with_locks_held = {
    .means = "fork() copies the memory of all threads, but only the thread that calls it. A lock "
	     "that another thread held at that "
	     "moment is held in the child by nobody, and stays so for ever: whoever takes it there "
	     "hangs.",
    .evidence =
	"The child's own copy of the lock names a holder that is no thread of the child; who that "
	"was in the "
	"parent and where it took the lock, where the fork was, and where the child waits. A note: "
	"the child did not touch such a lock, but lived on as a program of its own.",
    .silent = "Children that exec or exit first; locks that pthread_atfork handlers took, or that "
	      "the child makes anew; robust and process-shared locks; waits with a time limit; a "
	      "lock the forking thread held itself (self-deadlock); pthread_once, which "
	      "glibc begins anew after a fork.",
    .fix = "Let the child call only exec() or async-signal-safe functions (posix_spawn does it "
	   "all), fork before the first thread is "
	   "started, or take the lock around the fork by pthread_atfork().",
    .example =
	"/* thread 1 */ pthread_mutex_lock(&log_lock); …\n"
	"/* thread 2 */ if (fork() == 0) log_line(\"child\");   /* waits for thread 1, which "
	"is not there */\n",
};

static const char *holder_name(const struct model_process *p, u32 serial, char *buf, size_t n)
{
	const struct st_thread *t = process_thread(p, serial);

	if (!serial)
		snprintf(buf, n, "another thread of the parent");
	else if (t && t->flags & TF_MAIN)
		snprintf(buf, n, "the parent's main thread");
	else
		snprintf(buf, n, "the parent's %s", say_thread(p, serial));
	return buf;
}

static const char *way(const struct model_event *e)
{
	const char *how = event_str(e, "detail");

	if (strcmp(how, "read") == 0)
		return "was reading under";
	return strcmp(how, "guard") == 0 ? "was still initialising what is behind" : "held";
}

/* The hang itself. */
static void say_hang(struct diagnosis *d, const struct model_process *p,
		     const struct model_event *e, const char *holder, const char *lock)
{
	u32 stack = (u32)event_int(e, "stack");

	diag_title(
	    d, "in the forked child, %s waits for ever in %s for the %s, which %s %s at the fork",
	    say_thread(p, e->thread), say_place(p, stack), lock, holder, way(e));
	diag_what(d,
		  "This process was forked while %s %s the %s. That thread does not exist here, so "
		  "nobody will ever release it, and %s waits for it in %s().",
		  holder, way(e), lock, say_thread(p, e->thread), event_str(e, "call"));
	diag_why(d, "fork() copies every lock in the state it is in, but only the thread that "
		    "calls it. What other threads hold at that moment stays held in the child for "
		    "good. It happens only when the fork falls into such a moment, so most runs "
		    "go well.");
	diag_evidence(d, e->t, e->thread, stack, "the child waits here in %s()",
		      event_str(e, "call"));
	diag_role(d, stack);
	diag_thread(d, e->thread);
	diag_about(d, ABOUT_THREAD, e->thread);
}

/* The child got through without it. */
static void say_lived(struct diagnosis *d, const char *holder, const char *lock,
		      const struct model_event *e)
{
	diag_title(d, "the %s stays held in the forked child: %s %s it at the fork", lock, holder,
		   way(e));
	diag_what(d,
		  "This process was forked while %s %s the %s, and lived on without an exec. It "
		  "did not take that lock; it would have hung there.",
		  holder, way(e), lock);
	diag_why(d, "fork() copies every lock in the state it is in, but only the thread that "
		    "calls it. What other threads hold at that moment stays held in the child for "
		    "good.");
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	bool hangs = *event_str(e, "call") != 0;
	struct diagnosis *d = diag_new(out, hangs ? SEV_ERROR : SEV_NOTE, CONF_CERTAIN);
	u32 obj = (u32)event_int(e, "obj"), other = (u32)event_int(e, "other");
	u32 took = (u32)event_int(e, "other_stack"), at = (u32)event_int(e, "third_stack");
	u32 forker = (u32)event_int(e, "third");
	u64 addr = event_int(e, "addr");
	char holder[160], by[160];
	const char *lock = say_sync(p, obj, addr);

	holder_name(p, other, holder, sizeof(holder));
	if (hangs)
		say_hang(d, p, e, holder, lock);
	else
		say_lived(d, holder, lock, e);
	diag_fix(d, "Take this lock around the fork with pthread_atfork() handlers, or fork before "
		    "threads are started, or let the child do nothing but exec (posix_spawn).");
	if (took)
		diag_evidence(d, 0, other, took, "%s took it here, before the fork", holder);
	if (at)
		diag_evidence(d, p->head.started, forker, at, "%s forked here",
			      holder_name(p, forker, by, sizeof(by)));
	diag_sync(d, obj, addr);
	diag_thread(d, other);
	diag_role(d, took);
	diag_role(d, at);
	diag_about(d, ABOUT_SYNC, obj);
}

void rule_fork_with_locks_held(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "fork-with-locks-held") == 0)
		say(p, out, e);
}
