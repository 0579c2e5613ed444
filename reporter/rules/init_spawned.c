/* SPDX-License-Identifier: MIT */
/*
 * 27 init-spawned-thread: a constructor started a thread that nobody stopped. Evidence: threads
 * born before main began or inside dlopen (TF_BEFORE_MAIN, TF_IN_DLOPEN: the loader's frames in the
 * creation stack) that live when all destructors have run. Pure; called by report.c.
 */
#include <string.h>
#include "crowd.h"
#include "util.h"

const struct rule_text text_init_spawned = {
    .means = "Loading a library starts a thread that the library never stops. Whoever links it has "
	     "the thread, wanted or not; it runs while destructors take away what it uses, and "
	     "crashes when the library is unloaded under it.",
    .evidence = "The thread was started before main began or inside dlopen(); which constructor of "
		"which library did; nobody joined it, and it was alive when the atexit handlers "
		"and destructors had run. A warning if the library has been unloaded, or if the "
		"thread runs or wakes by itself; a note if it idles until it is called.",
    .silent = "A library that stops and joins its thread, in a destructor if need be; a thread "
	      "that has ended; a process that was killed, or left by _exit().",
    .fix = "Start the thread when it is first needed or from an explicit init call, and stop and "
	   "join it in the matching shutdown call or a destructor.",
    .example = "__attribute__((constructor)) static void start(void)\n"
	       "{\n"
	       "        pthread_create(&flusher, NULL, flush_every_second, NULL);\n"
	       "}                            /* no destructor stops and joins it */\n",
};

static bool is_loader(const struct frame *f)
{
	const char *base = f->module ? path_base(f->module) : "";

	return strncmp(base, "ld-", 3) == 0 || strncmp(base, "ld.so", 5) == 0;
}

static bool is_named(const struct frame *f, const char *name)
{
	return f->function && strcmp(f->function, name) == 0;
}

/* What the loader called: the constructor. NULL: this stack has none. */
static const struct frame *constructor_in(const struct frames *f)
{
	const struct frame *last = NULL;

	for (u32 i = 0; i < f->n && !is_loader(&f->f[i]); i++)
		last = &f->f[i];
	return last;
}

/* The loader runs destructors as well. */
static bool in_dlclose(const struct frames *f)
{
	for (u32 i = 0; i < f->n && !is_named(&f->f[i], "dlopen"); i++)
		if (is_named(&f->f[i], "dlclose"))
			return true;
	return false;
}

/* The one that a constructor started, of a thread and those that started it. */
static const struct st_thread *first_of(const struct model_process *p, const struct st_thread *t)
{
	for (int i = 0; i < 16; i++) {
		const struct st_thread *parent = process_thread(p, t->parent);

		if (!parent || parent->flags & (TF_MAIN | TF_ADOPTED) ||
		    !(parent->flags & (TF_BEFORE_MAIN | TF_IN_DLOPEN)))
			break;
		t = parent;
	}
	return t;
}

static bool is_left(const struct model_process *p, const struct st_thread *t)
{
	return t->flags & (TF_BEFORE_MAIN | TF_IN_DLOPEN) &&
	       !(t->flags &
		 (TF_MAIN | TF_ADOPTED | TF_FORKED | TF_ENDED | TF_JOINED | TF_JOINING)) &&
	       !t->joined && crowd_live(p, t) && !in_dlclose(process_frames(p, t->stack));
}

static bool is_unloaded(const struct model_process *p, u64 addr)
{
	bool gone = false;

	for (u32 i = 0; i < p->nmodules; i++) {
		const struct model_module *m = &p->module[i];

		if (addr < m->start || addr >= m->end)
			continue;
		if (!m->unloaded)
			return false;
		gone = true;
	}
	return gone;
}

/* Until somebody calls for it. */
static bool is_idle(const struct st_live *v)
{
	if (v->wait_flags & (WF_TIMED | WF_NONBLOCK))
		return false;
	switch (call_class(v->wait_call)) {
	case CLASS_COND:
	case CLASS_SEM:
	case CLASS_FD:
	case CLASS_POLL:
	case CLASS_MQ:
	case CLASS_SYSV:
	case CLASS_SIGNAL:
	case CLASS_FUTEX:
	case CLASS_BARRIER:
		return true;
	default:
		return false;
	}
}

static const char *library_of(const struct model_process *p, const struct frame *f)
{
	if (!f || !f->module)
		return "a library";
	if (p->facts.program && strcmp(f->module, p->facts.program) == 0)
		return "the program";
	return path_base(f->module);
}

static void say_why(struct diagnosis *d, const char *library, const struct st_live *v,
		    bool unloaded)
{
	bool program = strcmp(library, "the program") == 0;

	if (unloaded)
		diag_why(d, "Its code is no longer mapped: when it comes back from the call it is "
			    "in, the process crashes.");
	else if (is_idle(v))
		diag_why(d, "It idles until it is called for, so nothing is cut off at the end; "
			    "but nobody can end it: it is there before main() has set anything "
			    "up, and when destructors take away what it waits for.");
	else if (program)
		diag_why(d, "It runs before main() has set anything up, and works on while exit "
			    "handlers and destructors take away what it uses; what it is doing "
			    "is cut off by the exit.");
	else
		diag_why(d,
			 "Every program that loads %s has this thread, wanted or not. It works on "
			 "while destructors take away what it uses, what it is doing is cut off "
			 "by the exit, and it crashes when the library is unloaded.",
			 library);
}

static void say(struct diagnosis *d, const struct model_process *p, const struct st_thread *t,
		bool unloaded)
{
	const struct frames *f = process_frames(p, first_of(p, t)->stack);
	const struct frame *ctor = constructor_in(f);
	const struct st_live *v = crowd_live(p, t);
	const char *library = library_of(p, ctor),
		   *when = t->flags & TF_IN_DLOPEN ? "inside dlopen()" : "before main() began";

	diag_title(d, "Constructor %s of %s starts %s, and nothing stops it", say_frame(ctor),
		   library, say_thread(p, t->serial));
	diag_what(d,
		  "Loading %s started %s in %s, %s. Nobody joined it: %s%s%s when all exit "
		  "handlers and destructors had run%s.",
		  library, say_thread(p, t->serial), say_place(p, t->stack), when,
		  v->wait_call ? "it was alive, in " : "it still ran",
		  v->wait_call ? call_name(v->wait_call) : "", v->wait_call ? "()," : "",
		  unloaded ? ", and the library had been unloaded" : "");
	say_why(d, library, v, unloaded);
	diag_fix(d,
		 "Start it from an explicit init call or when it is first needed, and stop and "
		 "join it in a shutdown call or in a destructor of %s.",
		 library);
}

static void judge(const struct model_process *p, struct findings *out, const struct st_thread *t)
{
	const struct st_live *v = crowd_live(p, t);
	bool unloaded = is_unloaded(p, t->start);
	struct diagnosis *d;

	d = diag_new(out, unloaded || !is_idle(v) ? SEV_WARNING : SEV_NOTE, CONF_CERTAIN);
	say(d, p, t, unloaded);
	diag_role(d, first_of(p, t)->stack);
	diag_thread(d, t->serial);
	crowd_about(d, p, t);
	diag_evidence(d, t->born, t->parent, t->stack, "started here");
	if (first_of(p, t) != t)
		diag_evidence(d, first_of(p, t)->born, 0, first_of(p, t)->stack,
			      "by a thread that was started here");
	if (v->wait_call && v->wait_stack)
		diag_evidence(d, v->wait_since, t->serial, v->wait_stack,
			      "at the end it was in %s()", call_name(v->wait_call));
	else if (v->wait_call)
		diag_evidence_pc(d, v->wait_since, t->serial, v->wait_pc,
				 "at the end it was in %s()", call_name(v->wait_call));
}

/* Destructors have run: not before _exit(). */
static bool has_run_destructors(const struct model_process *p)
{
	FOR_EACH_EVENT(p, "end", e)
	if (strcmp(event_str(e, "how"), "exit") == 0)
		return process_ended_on_purpose(p);
	return false;
}

void rule_init_spawned(const struct model_process *p, struct findings *out)
{
	if (!has_run_destructors(p))
		return;
	FOR_EACH_ROW(p, thread, t)
	if (is_left(p, t))
		judge(p, out, t);
}
