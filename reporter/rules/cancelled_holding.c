/* SPDX-License-Identifier: MIT */
/*
 * cancelled-while-holding-lock: a cancellation has ended a thread that held a lock, and none of its
 * cleanup handlers released it. Evidence: a `misuse` event of the preload. Pure; called by
 * report.c.
 */
#include "held_exit.h"

#include <string.h>

const struct rule_text text_cancelled_holding = {
    .means = "A thread is cancelled in the middle of a critical section and takes the lock with "
	     "it. A wait on a condition variable is the usual place: cancelled, it takes its "
	     "mutex again before the thread ends.",
    .evidence =
	"Who cancelled the thread and where, the call it was in, and where it had taken the lock. "
	"Judged after its cleanup handlers and destructors.",
    .silent = "A cleanup handler (or a C++ destructor) released the lock; robust mutexes; a thread "
	      "that ended by itself although somebody had asked for its cancellation: that is "
	      "lock-held-at-thread-exit.",
    .fix = "Push a cleanup handler that unlocks, or disable cancellation while the lock is held.",
    .example = "pthread_mutex_lock(&m);\nwhile (!ready)\n        pthread_cond_wait(&c, &m);   /* a "
	       "cancellation here leaves m locked */\npthread_mutex_unlock(&m);\n",
};

static const char *call_in_words(const char *call)
{
	static const char *const words[][2] = {{"cond_wait", "a wait on a condition variable"},
					       {"join", "pthread_join()"},
					       {"barrier_wait", "pthread_barrier_wait()"},
					       {"mutex_lock", "pthread_mutex_lock()"}};

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i][0], call) == 0)
			return words[i][1];
	return NULL;
}

static void say_what(const struct model_process *p, struct diagnosis *d,
		     const struct model_event *e)
{
	const char *lock = held_exit_lock(p, e), *call = event_str(e, "call");
	const char *words = call_in_words(call);
	u32 taken = (u32)event_int(e, "stack"), in = (u32)event_int(e, "third_stack");

	if (!*call)
		diag_what(d,
			  "%s cancelled %s, which held %s, taken%s in %s. None of its cleanup "
			  "handlers released it.",
			  say_thread(p, (u32)event_int(e, "other")), say_thread(p, e->thread), lock,
			  held_exit_reading(e), say_place(p, taken));
	else if (strcmp(call, "cond_wait") == 0 && in == taken)
		diag_what(d,
			  "%s cancelled %s in its wait on a condition variable in %s. Such a wait "
			  "takes its mutex again before the thread ends, and no cleanup handler "
			  "released %s.",
			  say_thread(p, (u32)event_int(e, "other")), say_thread(p, e->thread),
			  say_place(p, in), lock);
	else
		diag_what(d,
			  "%s cancelled %s in %s%s (%s) while it held %s, taken%s in %s. None of "
			  "its cleanup handlers released it.",
			  say_thread(p, (u32)event_int(e, "other")), say_thread(p, e->thread),
			  words ? words : call, words ? "" : "()", say_place(p, in), lock,
			  held_exit_reading(e), say_place(p, taken));
}

static void say(const struct model_process *p, struct diagnosis *d, const struct model_event *e)
{
	u32 canceler = (u32)event_int(e, "other"), where = (u32)event_int(e, "other_stack");
	u32 in = (u32)event_int(e, "third_stack");

	diag_title(d, "%s was cancelled while it held %s", say_thread(p, e->thread),
		   held_exit_lock(p, e));
	say_what(p, d, e);
	diag_fix(d, "Push a cleanup handler that unlocks (pthread_cleanup_push()) before the first "
		    "cancellation point, or disable cancellation (pthread_setcancelstate()) while "
		    "the lock is held, or ask the thread to end by a flag it looks at.");
	held_exit_evidence(p, d, e);
	if (in && in != (u32)event_int(e, "stack"))
		diag_evidence(d, 0, e->thread, in, "it was in this call");
	if (canceler)
		diag_evidence(d, 0, canceler, where, "%s cancelled it here",
			      say_thread(p, canceler));
	diag_thread(d, canceler);
	diag_evidence(d, e->t, e->thread, 0, "it ended, with its cleanup handlers done");
	held_exit_waiters(p, d, e);
}

void rule_cancelled_holding(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "cancelled-while-holding-lock") == 0)
		say(p, diag_new(out, SEV_ERROR, CONF_CERTAIN), e);
}
