/* SPDX-License-Identifier: MIT */
/*
 * semaphore-misuse: a semaphore that overflows, is destroyed under its waiters, ends above the
 * value it was made with though everybody gives back what he took, or is used across a fork without
 * being made for that. Evidence: `misuse` events of the preload; for the fork the rows of sync,
 * role and live in the child. Pure; called by report.c.
 */
#include "misuse.h"

#include <string.h>

const struct rule_text text_semaphore_misuse = {
    .means = "A semaphore is used in a way that cannot work: posted past the greatest value, "
	     "destroyed while somebody waits, given back more often than taken, or made for one "
	     "process and used by two after a fork.",
    .evidence =
	"The call and what it returned; the last value beside the first, where each thread both "
	"took and gave back; in a forked child, who waits or posts on the child's own copy and "
	"that nobody answers there.",
    .silent = "Producers and consumers, who post and wait apart; semaphores made with 0; posts by "
	      "signal handlers or timers; semaphores made for sharing (pshared, named); a child "
	      "that uses its copy for itself.",
    .fix = "Post once for each thing made or taken; use sem_init(s, 1, …) in shared memory between "
	   "processes.",
    .example =
	"sem_init(&done, 0, 0);            /* this process only */\nif (fork() == 0) {\n     "
	"   sem_post(&done);          /* the child's own copy */\n        _exit(0);\n}\n"
	"sem_wait(&done);                  /* for ever */\n",
};

static const struct misuse
    overflow =
	{
	    .kind = "semaphore-misuse",
	    .on = ON_LOCK,
	    .title = "posts a semaphore past its greatest value",
	    .why = "The post fails with EOVERFLOW and is lost: whoever should have been let in by "
		   "it is "
		   "not.",
	    .fix = "Post once for each thing that was made, and look at what sem_post() returns.",
	    .other = "the other use",
},
    destroyed =
	{
	    .kind = "semaphore-misuse",
	    .on = ON_LOCK,
	    .title = "destroys a semaphore on which a thread waits",
	    .why = "The C library notices nothing, and the waiter sleeps on: no "
		   "post can reach it any more.",
	    .fix = "Let all waiters finish (post for each of them, join them) "
		   "before it is destroyed.",
	    .other = "somebody waits on it here",
},
    excess = {
	.kind = "semaphore-misuse",
	.on = ON_LOCK,
	.title = "leaves a semaphore above the value it was made with",
	.fix = "Give back only what was taken: look for a post on a path "
	       "that has not waited (an error path, a wait that failed or "
	       "timed out), or for one too many.",
	.other = "posts come from here, among others",
};

static void say_excess(const struct model_process *p, struct diagnosis *d,
		       const struct model_event *e)
{
	const char *s = say_sync(p, (u32)event_int(e, "obj"), event_int(e, "addr"));
	u64 now = event_int(e, "value"), made = event_int(e, "made");

	if (d)
		d->confidence = CONF_LIKELY;
	diag_title(d, "%s was made with %llu and ends with %llu: one post too many", s,
		   (unsigned long long)made, (unsigned long long)now);
	diag_what(d,
		  "The %s was made with %llu and has %llu at its end. Each thread that used it "
		  "both took and gave back, so something was given back %s that nobody had taken.",
		  s, (unsigned long long)made, (unsigned long long)now, say_times(now - made));
	diag_why(d,
		 "It lets %llu in at once now where %llu was the limit: what it guards is no "
		 "longer guarded.",
		 (unsigned long long)now, (unsigned long long)made);
	diag_evidence(d, 0, (u32)event_int(e, "third"), (u32)event_int(e, "third_stack"),
		      "it was made with %llu here", (unsigned long long)made);
	diag_role(d, (u32)event_int(e, "third_stack"));
}

static enum severity warn(const struct model_process *p, const struct model_event *e)
{
	(void)p;
	return strcmp(event_str(e, "detail"), "excess") == 0 ? SEV_WARNING : SEV_ERROR;
}

static void say_event(const struct model_process *p, struct findings *out,
		      const struct model_event *e)
{
	const char *detail = event_str(e, "detail");
	struct misuse m = overflow;
	struct diagnosis *d;

	if (strcmp(detail, "destroy") == 0)
		m = destroyed;
	else if (strcmp(detail, "excess") == 0)
		m = excess;
	m.severity = warn;
	m.why = m.why ? m.why : "";
	d = misuse_say(p, out, &m, e);
	if (strcmp(detail, "excess") == 0)
		say_excess(p, d, e);
	else if (event_int(e, "other"))
		diag_about(d, ABOUT_THREAD, event_int(e, "other"));
}

/* ---- across a fork
 * -------------------------------------------------------------------------------------------------
 */
/* Made by the parent before the fork, for one process. */
static bool is_copy(const struct model_process *p, const struct st_sync *s)
{
	const struct st_thread *maker = process_thread(p, s->thread);

	return s->kind == SYNC_sem && !(s->flags & (SF_PSHARED | SF_NAMED | SF_STATIC | SF_DEAD)) &&
	       maker && maker->flags & TF_FORKED && s->born < p->facts.started;
}

struct uses {			     /* of a copy */
	const struct st_role *posts; /* by a thread of this process */
	bool posted_before, waited;  /* in the parent before the fork; ever, by anybody */
};

static struct uses uses_of(const struct model_process *p, const struct st_sync *s)
{
	struct uses u = {0};

	FOR_EACH_ROW(p, role, r)
	{
		const struct st_thread *t;

		if (r->kind != 1 || r->obj != s->serial)
			continue;
		t = process_thread(p, r->thread);
		if (r->role == 2)
			u.waited = true;
		else if (!t || t->flags & TF_FORKED)
			u.posted_before = true;
		else
			u.posts = r;
	}
	return u;
}

/* Who waits for a post that nobody in this process can make: all its threads wait, for this or for
 * each other's end, and no handler or timer can come between. */
static const struct st_live *forsaken(const struct model_process *p, const struct st_sync *s)
{
	const struct st_live *found = NULL;

	if (p->head.handlers || p->head.timers_live)
		return NULL;
	FOR_EACH_ROW(p, live, v)
	{
		if (v->wait_flags & (WF_TIMED | WF_NONBLOCK))
			return NULL;
		if (v->wait_call == CALL_sem_wait && v->wait_obj == s->serial)
			found = v;
		else if (v->wait_call != CALL_join)
			return NULL;
	}
	return found;
}

static void say_copy(struct diagnosis *d, const struct st_sync *s)
{
	diag_why(d, "After a fork each process has its own copy of its memory: a post here is not "
		    "seen there. Even in shared memory a waiter of the other process is not woken, "
		    "as the semaphore was not made for sharing (pshared is 0).");
	diag_fix(d, "Put it into memory that both share (mmap() with MAP_SHARED) and make it with "
		    "sem_init(s, 1, …), or use sem_open(), or a pipe.");
	diag_sync(d, s->serial, s->addr);
	diag_about(d, ABOUT_SYNC, s->serial);
	diag_evidence(d, s->born, s->thread, s->stack,
		      "it was made here, for one process, before the fork");
	diag_role(d, s->stack);
}

static void judge_copy(const struct model_process *p, struct findings *out, const struct st_sync *s)
{
	struct uses u = uses_of(p, s);
	const struct st_live *v = u.posts ? NULL : forsaken(p, s);
	struct diagnosis *d;

	if (v) {
		d = diag_new(out, SEV_ERROR, CONF_CERTAIN);
		diag_title(d, "a forked child waits for ever on its own copy of %s",
			   say_sync(p, s->serial, s->addr));
		diag_what(d,
			  "Process %d waits in %s for the %s, which its parent had made for itself "
			  "before the fork. Nobody in this process posts it.",
			  p->facts.pid, say_place(p, v->wait_stack),
			  say_sync(p, s->serial, s->addr));
		say_copy(d, s);
		diag_thread(d, v->thread);
		diag_about(d, ABOUT_THREAD, v->thread);
		diag_evidence(d, v->wait_since, v->thread, v->wait_stack, "the child waits here");
	} else if (u.posts && !u.waited && !u.posted_before && p->facts.ended != ENDED_RUNNING) {
		d = diag_new(out, SEV_ERROR, CONF_LIKELY);
		diag_title(d, "a forked child posts its own copy of %s, and nobody sees it",
			   say_sync(p, s->serial, s->addr));
		diag_what(d,
			  "Process %d posts in %s the %s, which its parent had made for itself "
			  "before the fork. Nobody ever waited on the child's copy.",
			  p->facts.pid, say_place(p, u.posts->stack),
			  say_sync(p, s->serial, s->addr));
		say_copy(d, s);
		diag_thread(d, u.posts->thread);
		diag_evidence(d, u.posts->last, u.posts->thread, u.posts->stack,
			      "the child posts it here");
	}
}

void rule_semaphore_misuse(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "semaphore-misuse") == 0)
		say_event(p, out, e);
	FOR_EACH_ROW(p, sync, s)
	if (is_copy(p, s))
		judge_copy(p, out, s);
}
