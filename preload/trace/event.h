/* SPDX-License-Identifier: MIT */
/*
 * The lines of NAME.jsonl, one function an event (their keys: trace_schema.h), and the short form
 * of findings for log=. Writes the stacks and modules a line names before the line. Signal-safe.
 */
#ifndef TRACE_EVENT_H
#define TRACE_EVENT_H

#include "base/common.h"
#include "trace_schema.h"

struct event_process {
	const char *exe, *comm, *host, *boot_id, *parent_image;
	char **argv; /* NULL: not told */
};
void event_process(const struct event_process *p);
/* Modules that came since the last call. Cheap when none did. */
void event_modules(void);
/* A stack's line, once. */
void event_stack(u32 id);

struct ring_member {
	u32 thread, tid, call, obj, wait_stack, hold_stack;
	u64 addr;
};
void event_deadlock(u32 thread, const struct ring_member *ring, int n);
#define ORDER_STEPS_MAX 24
struct order_step { /* one edge of a cycle, as its maker made it */
	u32 from, to, from_stack, to_stack, thread, from_mode, to_mode, times, ways;
	u32 from_born, to_born; /* stacks: where the locks were made or first seen */
	u64 from_addr, to_addr;
};
void event_order(u32 thread, const struct order_step *steps, int n, bool doubt);
/* Two steps against each other by the birth sites of their locks, not by the locks themselves. */
void event_order_by_site(u32 thread, const struct order_step steps[2], bool doubt, u32 id);
/* Two locks of such sites were seen to go both ways, and judged: what was told as `id` is void. */
void event_order_apart(u32 thread, u32 id);
void event_exhausted(u32 thread, const char *what, const char *err, u64 limit, u64 live, u32 stack);
struct event_misuse {
	const char *kind, *err, *call, *detail;
	u32 obj, stack, other, other_stack;
	u32 obj2, obj3, third, third_stack, sig;
	u64 addr, addr2, addr3, handler;
	u32 sem_value, sem_made; /* a semaphore's last value and first one */
	int fd;			 /* -1 none */
	u32 fd_kind, prev, prev_stack, prev_closed_by, prev_closed_stack; /* bad-descriptor */
	const char *taken_for;						  /* wrong-object-kind */
	u32 live, limit;						  /* failed-call: threads */
	const char *other_call;
	const u64 *held, *other_held; /* locks */
	u32 nheld, nother_held;
	bool unsure, detached;
};
void event_misuse(u32 thread, const struct event_misuse *m);
void event_fork(u32 thread, int child, const char *how, u32 stack);
void event_exec(u32 thread, const char *path, const char *err, u32 stack);
void event_snapshot(u32 thread, u64 fds, u64 tasks, u64 missed, u64 gone);
void event_dropped(const char *what, u64 count, const char *why);
void event_blind(const char *what, const char *why);
void event_tool_error(const char *what, const char *err);
void event_end(u32 thread, const char *how, int status, u32 stack);

/* In a forked child: nothing has been written to the new file yet. */
void event_fork_child(void);
/* One line to where log= says; nothing without it. Formats %s, %u (u32), %d (int) and %l (u64)
 * only. */
void log_line(const char *fmt, ...) __attribute__((cold));
/* The same, whatever log= says, to standard error: only for faults of the set-up that the user
 * asked to hear of (bad settings). */
void log_always(const char *fmt, ...) __attribute__((cold));
/* All of it, unless that would pass RLIMIT_FSIZE: a write that does raises a signal that kills. 0
 * or -errno. */
int log_write(int fd, const char *s, size_t n);
const char *errno_name(int err);
const char *call_name(u32 call);

#endif
