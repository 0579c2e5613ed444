/* SPDX-License-Identifier: MIT */
/*
 * Words for the numbers of the trace, and small judgements about events and processes (model.h).
 * Owns nothing; not signal-safe.
 */
#include <string.h>
#include "model.h"

#define CALL_NAME(name, class)	[CALL_##name] = #name,
#define CALL_CLASS(name, class) [CALL_##name] = CLASS_##class,
#define SYNC_NAME(k)		[SYNC_##k] = #k,
#define FD_NAME(k)		[FDK_##k] = #k,
#define TIMER_NAME(k)		[TIMER_##k] = #k,
#define SITE_NAME(k)		[SITE_##k] = #k,

static const char *const call_names[] = {TRACE_CALLS(CALL_NAME)};
static const unsigned char call_classes[] = {TRACE_CALLS(CALL_CLASS)};
static const char *const sync_names[] = {TRACE_SYNC_KINDS(SYNC_NAME)};
static const char *const fd_names[] = {TRACE_FD_KINDS(FD_NAME)};
static const char *const site_names[] = {TRACE_SITE_KINDS(SITE_NAME)};
static const char *const timer_names[] = {TRACE_TIMER_KINDS(TIMER_NAME)};

#define NAME_IN(names, i) ((i) < sizeof(names) / sizeof(*(names)) && (names)[i] ? (names)[i] : "?")

const char *call_name(u32 call)
{
	return NAME_IN(call_names, call);
}

enum trace_call_class call_class(u32 call)
{
	return call < CALL_MAX ? (enum trace_call_class)call_classes[call] : CLASS_NONE;
}

const char *sync_kind_name(u32 kind)
{
	return kind == SYNC_none ? "lock" : NAME_IN(sync_names, kind);
}

const char *fd_kind_name(u32 kind)
{
	return kind == FDK_unknown ? "descriptor" : NAME_IN(fd_names, kind);
}

const char *timer_kind_name(u32 kind)
{
	return NAME_IN(timer_names, kind);
}

const char *held_mode_name(u32 mode)
{
	static const char *const names[] = {"",		  "mutex",    "read lock",
					    "write lock", "spinlock", "initialiser"};

	return NAME_IN(names, mode);
}

static u32 number_in(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return (u32)i;
	return 0;
}
#define NUMBER_IN(names, name) number_in(names, sizeof(names) / sizeof(*(names)), name)

u32 number_named(enum trace_table table, const char *field, const char *name)
{
	bool kind = strcmp(field, "kind") == 0;

	if (strcmp(field, "call") == 0 || strcmp(field, "wait_call") == 0 ||
	    strcmp(field, "waiter_call") == 0 || strcmp(field, "then_call") == 0)
		return NUMBER_IN(call_names, name);
	if (kind && table == TABLE_sync)
		return NUMBER_IN(sync_names, name);
	if ((kind && table == TABLE_fd) || strcmp(field, "fd_kind") == 0 ||
	    strcmp(field, "then_kind") == 0 || strcmp(field, "with_kind") == 0)
		return NUMBER_IN(fd_names, name);
	if (kind && table == TABLE_timer)
		return NUMBER_IN(timer_names, name);
	return kind && table == TABLE_site ? NUMBER_IN(site_names, name) : 0;
}

bool event_is(const struct model_event *e, const char *name)
{
	return strcmp(e->ev, name) == 0;
}

u64 json_u64(const json_t *v)
{
	if (json_is_integer(v))
		return (u64)json_integer_value(v);
	if (json_is_real(v) && json_real_value(v) >= 0 &&
	    json_real_value(v) < 18446744073709551616.0)
		return (u64)json_real_value(v);
	return json_is_true(v);
}

u64 event_int(const struct model_event *e, const char *key)
{
	return json_u64(json_object_get(e->js, key));
}

const char *event_str(const struct model_event *e, const char *key)
{
	const char *s = json_string_value(json_object_get(e->js, key));

	return s ? s : "";
}

bool process_ended_on_purpose(const struct model_process *p)
{
	return p->facts.ended == ENDED_EXIT;
}

u64 process_run_ns(const struct model_process *p)
{
	return p->facts.ended_at > p->facts.started ? p->facts.ended_at - p->facts.started : 0;
}
