/* SPDX-License-Identifier: MIT */
/*
 * failed-call: a call on a thread or a synchronisation object returned an error that is no answer.
 * One misuse event a (call, error, place), with a count. Pure; called by report.c.
 */
#include "misuse.h"

#include <stdio.h>
#include <string.h>

const struct rule_text text_failed_call = {
    .means = "A call on a thread, lock, condition variable, semaphore or barrier returned an error "
	     "that says that nothing was done. Code that goes on as if it had been is without the "
	     "lock, the wait or the thread that it believes to have.",
    .evidence = "The call, its error and its place, with a count. A warning if it is a thread that "
		"was refused for want of resources (EAGAIN): with the number of threads that lived "
		"then, where most of them are made, and the limit; a note otherwise.",
    .silent = "Errors that are answers: a timeout, a busy lock, an owner that died, a signal; try "
	      "calls; any call of which another rule says why it failed.",
    .fix = "Check what the call returns, at least with an assertion, and remove the cause.",
    .example = "ts.tv_nsec += 500000000;             /* may pass 999999999 */\n"
	       "pthread_cond_timedwait(&c, &m, &ts);  /* EINVAL, at once, again and again */\n",
};

static bool is_of(const struct model_event *e, const char *detail)
{
	return strcmp(event_str(e, "detail"), detail) == 0;
}

static bool is_thread_refused(const struct model_event *e)
{
	const char *err = event_str(e, "err");

	return is_of(e, "create") && (strcmp(err, "EAGAIN") == 0 || strcmp(err, "ENOMEM") == 0 ||
				      strcmp(err, "thrd_error") == 0);
}

static enum severity severity(const struct model_process *p, const struct model_event *e)
{
	(void)p;
	return is_thread_refused(e) ? SEV_WARNING : SEV_NOTE;
}

/* Something else was told of that very call, or of what it was made on. */
static bool is_known(const struct model_process *p, const struct model_event *failed)
{
	u64 addr = event_int(failed, "addr");

	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "failed-call") != 0 && addr &&
	    (event_int(e, "addr") == addr || event_int(e, "addr2") == addr) &&
	    e->order < failed->order)
		return true;
	return false;
}

/* The name that the program used: mtx_lock() is told as what it is in libc. */
static const char *call_of(const struct model_process *p, const struct model_event *e)
{
	static const struct {
		const char *pthread, *c11;
	} names[] = {{"pthread_mutex_lock", "mtx_lock"},
		     {"pthread_mutex_trylock", "mtx_trylock"},
		     {"pthread_mutex_timedlock", "mtx_timedlock"},
		     {"pthread_mutex_unlock", "mtx_unlock"}};
	const struct st_sync *s = process_sync(p, (u32)event_int(e, "obj"));
	const char *call = event_str(e, "call");

	for (size_t i = 0; s && s->flags & SF_C11 && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].pthread, call) == 0)
			return names[i].c11;
	return *call ? call : "a call";
}

static const char *meaning(const struct model_event *e, bool timed)
{
	const char *err = event_str(e, "err");

	if (strcmp(err, "EINVAL") == 0)
		return timed ? "EINVAL: the time is no valid one (its tv_nsec is negative or past "
			       "999999999), or the object is none"
			     : "EINVAL: the object or an argument is not a valid one";
	if (strcmp(err, "EPERM") == 0)
		return "EPERM: the thread may not do that (a lock that is not its own, or a "
		       "scheduling policy that needs a privilege)";
	if (strcmp(err, "EAGAIN") == 0)
		return "EAGAIN: a limit was reached";
	if (strcmp(err, "EDEADLK") == 0)
		return "EDEADLK: it would have waited for itself";
	if (strcmp(err, "ESRCH") == 0)
		return "ESRCH: there is no such thread";
	if (strcmp(err, "ENOTRECOVERABLE") == 0)
		return "ENOTRECOVERABLE: its owner died and nobody made the data consistent again; "
		       "it can only be destroyed";
	return err;
}

static const struct st_site *most_threads(const struct model_process *p)
{
	const struct st_site *most = NULL;

	FOR_EACH_ROW(p, site, s)
	if (s->kind == SITE_thread && s->peak && (!most || s->peak > most->peak))
		most = s;
	return most;
}

static void refused(const struct model_process *p, const struct model_event *e, struct diagnosis *d)
{
	unsigned long long live = event_int(e, "live"), limit = event_int(e, "limit");
	const struct st_site *most = most_threads(p);
	char of[80] = "";

	if (limit)
		snprintf(of, sizeof(of), ", here %llu", limit);
	diag_what(
	    d,
	    "In %s, %s was refused a thread by %s (%s) while %llu thread%s of this process %s "
	    "running.",
	    say_place(p, (u32)event_int(e, "stack")), say_thread(p, e->thread), call_of(p, e),
	    event_str(e, "err"), live, live == 1 ? "" : "s", live == 1 ? "was" : "were");
	diag_why(d,
		 "No thread was made. What limits them: RLIMIT_NPROC, for all processes of the "
		 "user together%s; pids.max of the control group; kernel.threads-max; address "
		 "space for the stack (RLIMIT_AS, vm.max_map_count).",
		 of);
	diag_fix(d, "Handle the refusal (std::thread throws std::system_error), and bound the "
		    "number of threads: a pool instead of one for each job, smaller stacks.");
	if (most)
		diag_evidence(d, most->first, most->thread, most->stack,
			      "most threads were made here: %u at once at most, %u in all",
			      most->peak, most->made);
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	bool timed = strstr(event_str(e, "call"), "timed") || strstr(event_str(e, "call"), "clock");
	char title[160], why[320];
	struct misuse m = {
	    .kind = "failed-call",
	    .on = is_of(e, "create") || is_of(e, "thread") ? ON_THREAD : ON_LOCK,
	    .title = title,
	    .why = why,
	    .fix = "Check what the call returns, and remove the cause.",
	    .severity = severity,
	};
	struct diagnosis *d;

	if (is_of(e, "create"))
		snprintf(title, sizeof(title), "is refused a thread by %s (%s)", call_of(p, e),
			 event_str(e, "err"));
	else
		snprintf(title, sizeof(title), "calls %s, which fails with %s", call_of(p, e),
			 event_str(e, "err"));
	snprintf(why, sizeof(why),
		 "%s. Nothing was done; the code after the call runs all the same "
		 "unless it looks at what the call returned.",
		 meaning(e, timed));
	d = misuse_say(p, out, &m, e);
	if (is_thread_refused(e))
		refused(p, e, d);
	diag_role_word(d, event_str(e, "call"));
	diag_role_word(d, event_str(e, "err"));
}

void rule_failed_call(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), "failed-call") == 0 && !is_known(p, e))
		say(p, out, e);
}
