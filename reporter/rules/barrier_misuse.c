/* SPDX-License-Identifier: MIT */
/*
 * barrier-misuse: a barrier made for no thread, made anew under its waiters, or used by more
 * threads than it was made for with one of them left over. Evidence: `misuse` events of the
 * preload; for the last one the rows of sync, live and role. Pure; called by report.c.
 */
#include "misuse.h"

#include <string.h>

const struct rule_text text_barrier_misuse = {
    .means = "A barrier is made or used in a way that cannot work: with a count of zero, made anew "
	     "while threads wait at it, or with more threads taking turns at it than it was made "
	     "for, so that at the end some of them wait for companions who never come.",
    .evidence = "The call and what it returned; or the count, how many threads came how often, and "
		"who waits at an unfinished turn although all others that used the barrier have "
		"ended or wait there, too.",
    .silent = "As many threads as the count, or fewer; turns that came out even; a process that "
	      "still runs and has threads that may come. (A destroy under waiters is "
	      "destroy-while-in-use.)",
    .fix = "Give it the number of threads that will wait.",
    .example = "pthread_barrier_init(&b, NULL, 2);\n/* three threads: */ "
	       "pthread_barrier_wait(&b);   /* the third waits for ever */\n",
};

static const struct misuse
    no_count =
	{
	    .kind = "barrier-misuse",
	    .on = ON_LOCK,
	    .title = "makes a barrier for no thread",
	    .why = "A barrier needs a count of at least one. The call failed, and whoever waits at "
		   "what it left behind uses no barrier at all.",
	    .fix = "Give pthread_barrier_init() the number of threads that will wait, and look at "
		   "what "
		   "it returns.",
	    .other = "the other use",
},
    made_anew = {
	.kind = "barrier-misuse",
	.on = ON_LOCK,
	.title = "initialises a barrier at which a thread waits",
	.why = "The new barrier knows nothing of those who wait at the old "
	       "one: they are not counted, and wait for ever.",
	.fix = "Initialise a barrier once. It can be used again as it is, "
	       "turn after turn.",
	.other = "somebody waits at it here",
};

/* ---- more threads than the count
 * --------------------------------------------------------------------------------- */
struct turns {
	const struct st_sync *s;
	u32 users, here; /* threads that ever came; that wait now */
	u64 arrivals;
	bool may_come; /* somebody who could complete the turn is left */
};

static bool waits_here(const struct st_live *v, const struct st_sync *s)
{
	return v && v->wait_call == CALL_barrier_wait && v->wait_obj == s->serial;
}

static bool used(const struct model_process *p, const struct st_sync *s, u32 thread)
{
	FOR_EACH_ROW(p, role, r)
	if (r->kind == 1 && r->obj == s->serial && r->thread == thread)
		return true;
	return false;
}

static struct turns turns_of(const struct model_process *p, const struct st_sync *s)
{
	struct turns t = {.s = s};

	FOR_EACH_ROW(p, role, r)
	if (r->kind == 1 && r->obj == s->serial) {
		t.users++;
		t.arrivals += r->count;
	}
	FOR_EACH_ROW(p, live, v)
	{
		if (waits_here(v, s))
			t.here++;
		else if (process_ended_on_purpose(p))
			t.may_come |= used(p, s, v->thread);
		else /* whoever is not blocked for another thread's end may come yet */
			t.may_come |= v->wait_call != CALL_join || v->wait_flags & WF_TIMED;
	}
	return t;
}

static void say_turns(const struct model_process *p, struct findings *out, const struct turns *t)
{
	struct diagnosis *d = diag_new(out, SEV_ERROR, CONF_CERTAIN);
	const char *b = say_sync(p, t->s->serial, t->s->addr);
	u32 told = 0;

	diag_title(d, "%u threads take turns at the %s, made for %u, and %u %s left over", t->users,
		   b, t->s->value, t->here, t->here == 1 ? "is" : "are");
	diag_what(d,
		  "The %s lets threads go in groups of %u. %u threads came to it %llu times in "
		  "all; %u of them still wait%s for companions, and all others that used it have "
		  "ended or wait, too.",
		  b, t->s->value, t->users, (unsigned long long)t->arrivals, t->here,
		  t->here == 1 ? "s" : "");
	diag_why(d, "Whoever comes completes the turn, whichever thread was meant: with more "
		    "threads than the count the groups are chance, and the rest waits for ever.");
	diag_fix(d, "Make the barrier for exactly the threads that wait at it in each turn, or "
		    "give each group its own.");
	diag_sync(d, t->s->serial, t->s->addr);
	diag_about(d, ABOUT_SYNC, t->s->serial);
	diag_evidence(d, t->s->born, t->s->thread, t->s->stack, "it was made for %u here",
		      t->s->value);
	FOR_EACH_ROW(p, live, v)
	{
		if (!waits_here(v, t->s))
			continue;
		diag_about(d, ABOUT_THREAD, v->thread);
		diag_thread(d, v->thread);
		if (told++ < 4)
			diag_evidence(d, v->wait_since, v->thread, v->wait_stack,
				      "%s waits here for a turn that cannot be completed",
				      say_thread(p, v->thread));
		if (told == 1)
			diag_role(d, v->wait_stack);
	}
}

static void judge_turns(const struct model_process *p, struct findings *out)
{
	FOR_EACH_ROW(p, sync, s)
	{
		struct turns t;

		if (s->kind != SYNC_barrier || s->value < 2 || !s->waiters ||
		    s->flags & (SF_PSHARED | SF_DEAD))
			continue;
		t = turns_of(p, s);
		if (t.here && t.here < s->value && t.users > s->value && !t.may_come)
			say_turns(p, out, &t);
	}
}

void rule_barrier_misuse(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	{
		bool init = strcmp(event_str(e, "detail"), "init") == 0;
		struct diagnosis *d;

		if (strcmp(event_str(e, "kind"), "barrier-misuse") != 0)
			continue;
		d = misuse_say(p, out, init ? &made_anew : &no_count, e);
		if (!init)
			diag_what(d,
				  "In %s, %s initialises a barrier with a count of 0 (the call "
				  "returned EINVAL).",
				  say_place(p, (u32)event_int(e, "stack")),
				  say_thread(p, e->thread));
		else
			diag_about(d, ABOUT_THREAD, event_int(e, "other"));
	}
	judge_turns(p, out);
}
