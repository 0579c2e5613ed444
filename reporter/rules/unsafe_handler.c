/* SPDX-License-Identifier: MIT */
/*
 * unsafe-call-in-signal-handler: a handler of an asynchronous signal calls what POSIX does not list
 * as async-signal-safe. Evidence: `misuse` events, told by the preload at the call
 * (preload/detect/handlers.c). One diagnosis for each handler and library;
 * the worst moment speaks. Pure; called by report.c.
 */
#include <stdio.h>
#include <string.h>
#include "handler.h"

const struct rule_text text_unsafe_handler = {
    .means = "A signal handler calls a function that takes a lock, uses the heap or changes tables "
	     "of its "
	     "own. The signal may come while the interrupted thread is inside that very function.",
    .evidence =
	"The call inside the handler, the handler, its signal, where it was installed, and what "
	"was "
	"interrupted. An error where the interrupted thread held the very lock or was inside the "
	"same library; a warning otherwise: it could have come there.",
    .silent =
	"Functions that POSIX lists as safe (write, sem_post, _exit, …), and those that are "
	"harmless in "
	"glibc though not listed, snprintf above all. Signals that the thread raised itself, and "
	"those it lets in only while it waits for them (sigsuspend, ppoll, pselect, a mask opened "
	"for a moment). A handler left by siglongjmp. What interrupts pause() is a note, and so "
	"is a try-lock. Calls of the allocator (malloc, free, new, delete) are not safe either, "
	"but "
	"are not seen. Handlers of faults (SIGSEGV and the like, SIGABRT) are not looked at.",
    .fix = "Set a volatile sig_atomic_t flag, write() a byte to a pipe, or sem_post(); do the work "
	   "outside. Or block the signal and take it in a thread of its own by sigwait().",
    .example = "void on_term(int sig)\n{\n\tprintf(\"bye\\n\");   /* main may be inside printf */\n"
	       "\texit(0);            /* runs atexit functions and flushes streams */\n}\n",
};

#define KIND "unsafe-call-in-signal-handler"

static const struct library {
	const char *const *names; /* up to NULL */
	enum { LOCK, THREAD, EXIT, PROCESS, HEAP, NAMES, STDIO } is;
} libraries[] = {
#define UNSAFE(library, ...) {(const char *const[]){__VA_ARGS__, NULL}, library},
#include "handler_calls.def"
#undef UNSAFE
};

static const struct words {
	const char *shares; /* "… shares …": what may be half done */
	const char *fix;
} words[] = {
    [LOCK] = {"a lock or an object that other code waits for",
	      "Take no lock and wait for nothing in a handler: set a volatile sig_atomic_t flag or "
	      "sem_post(), and do the work in a thread; or block the signal everywhere and take it "
	      "by sigwait() in a thread of its own, where every call is allowed."},
    [THREAD] =
	{"the C library's list of threads and its memory",
	 "Tell a thread that runs already (a flag, a byte written to a pipe, sem_post()), and let "
	 "it start or join the other."},
    [EXIT] =
	{"all that atexit functions, destructors and the flushing of streams touch",
	 "Set a volatile sig_atomic_t flag and let the main loop leave, or end with _exit(), which "
	 "runs none of them."},
    [PROCESS] = {"a lock of the C library",
		 "Set a flag, and start the command from the main loop."},
    [HEAP] = {"the heap",
	      "Set a flag or write a byte to a pipe, and make the call in the main loop."},
    [NAMES] = {"the resolver's tables and the heap",
	       "Look the name up before, or in the main loop after the handler has set a flag."},
    [STDIO] =
	{"the stream's lock and buffer",
	 "Format with snprintf() into a buffer of the handler's own and write() that, or set a "
	 "volatile sig_atomic_t flag and print in the main loop."},
};

static int library_of(const char *call)
{
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		for (const char *const *n = libraries[i].names; *n; n++)
			if (strcmp(*n, call) == 0)
				return libraries[i].is;
	return -1;
}

/* As the program's source has it. */
static const char *say_call(const char *call)
{
	static const char *const forms[][2] = {
	    {"__printf_chk", "printf"},	  {"__fprintf_chk", "fprintf"},
	    {"__vprintf_chk", "vprintf"}, {"__vfprintf_chk", "vfprintf"},
	    {"__overflow", "putc"},	  {"_IO_putc", "putc"},
	    {"__uflow", "getc"},	  {"__underflow", "getc"},
	    {"_IO_getc", "getc"},	  {"__fgets_chk", "fgets"},
	    {"__fread_chk", "fread"},	  {"__getdelim", "getdelim"},
	    {"__isoc99_scanf", "scanf"},  {"__isoc99_fscanf", "fscanf"},
	    {"__isoc23_scanf", "scanf"},  {"__isoc23_fscanf", "fscanf"}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (strcmp(forms[i][0], call) == 0)
			return forms[i][1];
	return call;
}

static bool is_detail(const struct model_event *e, const char *detail)
{
	return strcmp(event_str(e, "detail"), detail) == 0;
}

static enum severity severity_of(const struct model_event *e)
{
	if (is_detail(e, "inside") || is_detail(e, "held"))
		return SEV_ERROR;
	return is_detail(e, "pause") || strstr(event_str(e, "call"), "try") ? SEV_NOTE
									    : SEV_WARNING;
}

static void say_what(struct diagnosis *d, const struct model_process *p,
		     const struct model_event *e, const char *others)
{
	const char *outer = event_str(e, "other_call"), *call = say_call(event_str(e, "call"));
	u32 stack = (u32)event_int(e, "stack"), there = (u32)event_int(e, "other_stack");
	const char *in = *outer ? outer : "its own code", *paren = *outer ? "()" : "";

	if (is_detail(e, "held"))
		diag_what(
		    d,
		    "In %s, %s calls %s() for the %s, which the interrupted code of %s holds: "
		    "it was taken in %s.%s",
		    say_place(p, stack), handler_name(p, e), call,
		    say_sync(p, 0, event_int(e, "addr")), say_thread(p, e->thread),
		    say_place(p, there), others);
	else
		diag_what(d, "In %s, %s calls %s(). It had interrupted %s in %s%s, in %s.%s",
			  say_place(p, stack), handler_name(p, e), call, say_thread(p, e->thread),
			  in, paren, say_place(p, there), others);
}

static void say_why(struct diagnosis *d, const struct model_event *e, const struct words *w)
{
	const char *call = say_call(event_str(e, "call"));

	if (is_detail(e, "held"))
		diag_why(
		    d,
		    "The thread can give the lock back only after the handler has returned, and "
		    "the handler waits for it: a plain lock hangs for ever, one that is refused or "
		    "timed out leaves the work undone. A lock of any kind shows the handler data "
		    "that are half changed.");
	else if (is_detail(e, "inside"))
		diag_why(
		    d,
		    "%s() uses %s, and the interrupted thread was in the middle of using the same: "
		    "the handler waits for a lock of its own thread, for ever, or works on what is "
		    "half changed.",
		    call, w->shares);
	else
		diag_why(
		    d,
		    "%s() is not async-signal-safe: it uses %s. The signal may come at any moment, "
		    "also while this thread is in the middle of using the same; the handler then "
		    "waits for its own thread, for ever, or works on what is half changed. Such "
		    "hangs are rare, and come in production.",
		    call, w->shares);
}

/* All that one handler calls of one library. */
struct group {
	const struct model_event *worst;
	u64 count;
	const char *call[8]; /* different ones */
	unsigned ncalls;
};

static void group_call(struct group *g, const char *call)
{
	for (unsigned i = 0; i < g->ncalls; i++)
		if (strcmp(g->call[i], call) == 0)
			return;
	if (g->ncalls < sizeof(g->call) / sizeof(*g->call))
		g->call[g->ncalls++] = call;
}

/* " It also calls puts() and fflush()." */
static const char *say_others(const struct group *g, char *s, size_t size)
{
	const char *told = say_call(event_str(g->worst, "call"));
	unsigned left = g->ncalls - 1;
	size_t n = 0;

	*s = 0;
	for (unsigned i = 0; i < g->ncalls && n < size; i++)
		if (strcmp(g->call[i], told) != 0) {
			n += (size_t)snprintf(s + n, size - n, "%s%s()",
					      n == 0	  ? " It also calls "
					      : left == 1 ? " and "
							  : ", ",
					      g->call[i]);
			left--;
		}
	if (n && n < size)
		snprintf(s + n, size - n, ".");
	return s;
}

static void say(const struct model_process *p, struct findings *out, const struct group *g)
{
	static const char *const names[] = {"locks", "threads", "exit", "system",
					    "heap",  "names",	"stdio"};
	const struct model_event *e = g->worst;
	char others[256];
	const char *call = event_str(e, "call");
	u32 stack = (u32)event_int(e, "stack"), other = (u32)event_int(e, "other_stack");
	int library = library_of(call);
	struct diagnosis *d;

	if (library < 0)
		return;
	d = diag_new(out, severity_of(e), CONF_CERTAIN);
	diag_title(d, "%s calls %s(), which is not async-signal-safe", handler_name(p, e),
		   say_call(call));
	say_what(d, p, e, say_others(g, others, sizeof(others)));
	say_why(d, e, &words[library]);
	diag_fix(d, "%s", words[library].fix);
	diag_count(d, g->count);
	handler_evidence(d, p, e);
	diag_evidence(d, e->t, e->thread, stack, "the handler calls %s()", say_call(call));
	diag_evidence(d, 0, e->thread, other,
		      is_detail(e, "held") ? "the lock was taken here"
					   : "the signal interrupted this");
	if (library == LOCK)
		diag_sync(d, 0, event_int(e, "addr"));
	if (is_detail(e, "held") || is_detail(e, "inside"))
		handler_about(d, p, e);
	handler_role(d, p, e, stack);
	diag_role_word(d, names[library]);
}

/* Of one handler, and of one library: what shares a lock has one repair. */
static bool same(const struct model_event *a, const struct model_event *b)
{
	return strcmp(event_str(b, "kind"), KIND) == 0 &&
	       event_int(a, "handler") == event_int(b, "handler") &&
	       library_of(event_str(a, "call")) == library_of(event_str(b, "call"));
}

void rule_unsafe_handler(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	{
		struct group g = {.worst = e};
		bool first = strcmp(event_str(e, "kind"), KIND) == 0;

		if (!first)
			continue;
		FOR_EACH_EVENT(p, "misuse", o)
		{
			if (!same(e, o))
				continue;
			first &= o >= e;
			g.count += 1 + event_int(o, "untold");
			if (severity_of(o) > severity_of(g.worst))
				g.worst = o;
			group_call(&g, say_call(event_str(o, "call")));
		}
		if (first)
			say(p, out, &g);
	}
}
