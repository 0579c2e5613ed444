/* SPDX-License-Identifier: MIT */
/*
 * unsafe-libc-call: two threads use an object that libc has one of, unordered. Evidence: misuse
 * events, a pair of calls each; those of one object become one diagnosis. Words of the objects and
 * what to call instead: include/unsafe_calls.def. Pure; called by report.c.
 */
#include <stdio.h>
#include <string.h>
#include "rule.h"

const struct rule_text text_unsafe_libc_call = {
    .means = "Some functions of the C library keep their result, or how far they have come, in one "
	     "object for the whole process. Two threads in them at once read each other's results.",
    .evidence = "Two calls on the same object by two threads, with nothing that orders one after "
		"the other (a create, a join, a post waited for, a barrier …) and no lock held at "
		"both. Both stacks and the locks held at each.",
    .silent =
	"Calls under one lock, or one after the other by such an order; the _r functions; "
	"functions that keep a buffer for each thread (strerror, inet_ntoa) or lock (rand); a "
	"directory stream for each thread. A note where both calls are of the system's "
	"libraries, or where the order is not known because the program also synchronises in "
	"ways that can't be seen (futexes of its own; in audit mode semaphores and "
	"descriptors that never blocked).",
    .fix = "Call the _r function, which takes an object of the caller's own; or hold one lock from "
	   "the call until its result has been used.",
    .example =
	"/* thread 1 */ struct tm *a = localtime(&t1);\n"
	"/* thread 2 */ struct tm *b = localtime(&t2);   /* a and b are the same object */\n",
};

struct words {
	const char *name, *buffer, *instead;
};
static const struct words calls[] = {
#define UNSAFE_BUFFER(id, what)
#define UNSAFE_CALL(name, buffer, instead) {#name, #buffer, instead},
#include "unsafe_calls.def"
#undef UNSAFE_BUFFER
#undef UNSAFE_CALL
};
static const struct {
	const char *id, *what;
} buffers[] = {
#define UNSAFE_BUFFER(id, what) {#id, what},
#define UNSAFE_CALL(name, buffer, instead)
#include "unsafe_calls.def"
#undef UNSAFE_BUFFER
#undef UNSAFE_CALL
};
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *instead_of(const char *call)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (strcmp(calls[i].name, call) == 0)
			return calls[i].instead;
	return "a function that takes an object of the caller's own";
}

static const char *what_is(const char *buffer)
{
	for (size_t i = 0; i < COUNT(buffers); i++)
		if (strcmp(buffers[i].id, buffer) == 0)
			return buffers[i].what;
	return "one object that the C library has for the whole process";
}

/* What the system's libraries do among themselves is not the program's fault. */
static bool of_libraries(const struct model_process *p, const struct model_event *e)
{
	return frames_of_library(p, process_frames(p, (u32)event_int(e, "stack"))) &&
	       frames_of_library(p, process_frames(p, (u32)event_int(e, "other_stack")));
}

static bool is_ours(const struct model_event *e)
{
	return strcmp(event_str(e, "kind"), "unsafe-libc-call") == 0;
}

/* May they be told together? */
static bool same(const struct model_process *p, const struct model_event *a,
		 const struct model_event *b)
{
	return is_ours(b) && strcmp(event_str(a, "detail"), event_str(b, "detail")) == 0 &&
	       event_int(a, "addr") == event_int(b, "addr") &&
	       event_int(a, "unsure") == event_int(b, "unsure") &&
	       of_libraries(p, a) == of_libraries(p, b);
}

/* The same pair of places became sure later. */
static bool overtaken(const struct model_process *p, const struct model_event *e)
{
	u32 a = (u32)event_int(e, "stack"), b = (u32)event_int(e, "other_stack");

	if (!event_int(e, "unsure"))
		return false;
	FOR_EACH_EVENT(p, "misuse", f)
	{
		u32 x = (u32)event_int(f, "stack"), y = (u32)event_int(f, "other_stack");

		if (is_ours(f) && !event_int(f, "unsure") &&
		    event_int(e, "addr") == event_int(f, "addr") &&
		    strcmp(event_str(e, "detail"), event_str(f, "detail")) == 0 &&
		    ((a == x && b == y) || (a == y && b == x)))
			return true;
	}
	return false;
}

static const char *function_of(const struct model_process *p, u32 stack)
{
	const struct frame *f = frames_program(process_frames(p, stack));

	return f && f->function ? f->function : "";
}

/* By the functions of the two calls, whichever came first. */
static int compare(const struct model_process *p, const struct model_event *x,
		   const struct model_event *y)
{
	const struct model_event *e[2] = {x, y};
	const char *f[2][2];
	int c;

	for (int i = 0; i < 2; i++) {
		const char *a = function_of(p, (u32)event_int(e[i], "stack")),
			   *b = function_of(p, (u32)event_int(e[i], "other_stack"));

		f[i][0] = strcmp(a, b) < 0 ? a : b;
		f[i][1] = strcmp(a, b) < 0 ? b : a;
	}
	c = strcmp(f[0][0], f[1][0]);
	return c ? c : strcmp(f[0][1], f[1][1]);
}

/* The pair that speaks for all of its object: not the first seen, which is another in every run. */
static bool speaks(const struct model_process *p, const struct model_event *e)
{
	bool before = true;

	FOR_EACH_EVENT(p, "misuse", f)
	{
		int c;

		if (f == e) {
			before = false;
			continue;
		}
		if (!same(p, e, f) || overtaken(p, f))
			continue;
		c = compare(p, f, e);
		if (c < 0 || (c == 0 && before))
			return false;
	}
	return true;
}

/* "holding the mutex 'a' and the lock 0x…", "with no lock held" */
static const char *say_held(const struct model_process *p, const struct model_event *e,
			    const char *key, char *buf, size_t size)
{
	const json_t *held = json_object_get(e->js, key);
	size_t n = json_array_size(held), at;

	if (!n)
		return "with no lock held";
	at = (size_t)snprintf(buf, size, "holding ");
	for (size_t i = 0; i < n && at < size; i++) {
		u64 addr = json_u64(json_array_get(held, i));
		const char *name = say_sync(p, 0, addr & ~1ull);

		at += (size_t)snprintf(buf + at, size - at, "%sthe %s%s", i ? " and " : "", name,
				       addr & 1 ? " for reading" : "");
	}
	return buf;
}

/* Most were never waited for and have no row: told apart by their addresses. */
static void held_objects(const struct model_process *p, struct diagnosis *d,
			 const struct model_event *e, const char *key)
{
	const json_t *held = json_object_get(e->js, key);

	for (size_t i = 0; i < json_array_size(held); i++) {
		u64 addr = json_u64(json_array_get(held, i)) & ~1ull;
		const char *name = process_variable_at(p, addr);

		if (process_sync_at(p, addr))
			diag_sync(d, 0, addr);
		else if (name)
			diag_object(d, "lock", addr, 0, "%s", name);
		else
			diag_object(d, "lock", addr, 0, "0x%llx", (unsigned long long)addr);
	}
}

/* The two calls of one event. */
static void evidence(const struct model_process *p, struct diagnosis *d,
		     const struct model_event *e)
{
	u32 other = (u32)event_int(e, "other");
	char buf[1024];

	diag_evidence(d, 0, other, (u32)event_int(e, "other_stack"), "%s calls %s() here, %s",
		      say_thread(p, other), event_str(e, "other_call"),
		      say_held(p, e, "other_held", buf, sizeof(buf)));
	diag_evidence(d, e->t, e->thread, (u32)event_int(e, "stack"), "%s calls %s() here, %s",
		      say_thread(p, e->thread), event_str(e, "call"),
		      say_held(p, e, "held", buf, sizeof(buf)));
	diag_thread(d, other);
	diag_thread(d, e->thread);
	held_objects(p, d, e, "other_held");
	held_objects(p, d, e, "held");
}

static void fix(struct diagnosis *d, const char *call, const char *other)
{
	const char *a = instead_of(call), *b = instead_of(other);

	if (strcmp(a, b) == 0)
		diag_fix(d, "Use %s.", a);
	else
		diag_fix(d, "Instead of %s() use %s; instead of %s() use %s.", call, a, other, b);
}

static void why(struct diagnosis *d, bool locks, bool unsure, const char *buffer)
{
	diag_why(d,
		 "%s Each call overwrites what the other thread may still be reading: it gets the "
		 "other's data, or a mixture of both.%s",
		 locks ? "The locks held at the two calls are not the same, and nothing else makes "
			 "one wait for the other."
		       : "No lock was held and nothing makes one call wait for the other.",
		 unsure ? " Whether there is an order between the two that could not be seen, only "
			  "the program's source can tell."
		 : strcmp(buffer, "strtok") == 0 ? " It makes no difference that the strings are "
						   "different ones."
						 : "");
}

static void tell(const struct model_process *p, struct findings *out, const struct model_event *e)
{
	const char *call = event_str(e, "call"), *other_call = event_str(e, "other_call");
	const char *buffer = event_str(e, "detail"), *what = what_is(buffer);
	u32 stack = (u32)event_int(e, "stack"), other_stack = (u32)event_int(e, "other_stack");
	bool locks = json_array_size(json_object_get(e->js, "held")) ||
		     json_array_size(json_object_get(e->js, "other_held"));
	bool unsure = event_int(e, "unsure") != 0;
	struct diagnosis *d = diag_new(out, of_libraries(p, e) ? SEV_NOTE : SEV_WARNING,
				       unsure ? CONF_SUSPECTED : CONF_LIKELY);
	u32 n = 0;

	diag_title(d, "%s and %s share %s", say_thread(p, (u32)event_int(e, "other")),
		   say_thread(p, e->thread), what);
	diag_what(
	    d, "In %s, %s calls %s(); in %s, %s calls %s(); nothing orders the two. Both use %s.",
	    say_place(p, other_stack), say_thread(p, (u32)event_int(e, "other")), other_call,
	    say_place(p, stack), say_thread(p, e->thread), call, what);
	why(d, locks, unsure, buffer);
	fix(d, other_call, call);
	evidence(p, d, e);
	FOR_EACH_EVENT(p, "misuse", f)
	if (same(p, e, f) && !overtaken(p, f)) {
		if (f != e)
			evidence(p, d, f);
		n++;
	}
	diag_count(d, n);
	if (event_int(e, "addr"))
		diag_object(d, "directory stream", event_int(e, "addr"), 0, "0x%llx",
			    (unsigned long long)event_int(e, "addr"));
	diag_role_word(d, buffer);
	diag_role_cycle(d, other_stack, other_stack);
	diag_role_cycle(d, stack, stack);
}

void rule_unsafe_libc_call(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (is_ours(e) && !overtaken(p, e) && speaks(p, e))
		tell(p, out, e);
}
