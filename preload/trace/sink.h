/* SPDX-License-Identifier: MIT */
/*
 * NAME.jsonl: a file that is mapped piece by piece, each piece filled with newlines before anything
 * is put there. A line is reserved by one atomic addition (what it turns out not to need goes back
 * to the next one), written in place, and becomes valid by its first byte, '{', stored last: a
 * reader never meets a torn line. Signal-safe; lock-free but for the mapping of the next piece.
 */
#ifndef TRACE_SINK_H
#define TRACE_SINK_H

#include "base/common.h"
#include "trace_schema.h"

/* Maps the first piece of `fd` (an empty file), or memory where fd < 0. `max_bytes`: lines past it
 * are dropped and counted. 0 or -errno. */
int sink_open(int fd, size_t max_bytes);
int sink_fd(void);
/* What is in memory so far moves into `fd`, at the same addresses; one thread, signals blocked. 0
 * or -errno. */
int sink_attach(int fd);
void sink_sandboxed(void);
/* From now on lines may fill what was kept for the end: counts of what was dropped, `end`. */
void sink_last_words(void);

/* A line being written. Fields that do not fit make the whole line dropped and counted; its bytes
 * become newlines again. */
struct line {
	char *at, *pos, *end;
	bool first, overflow;
};

/* Opens {"ev":…,"n":…,"th":…,"t":…}. `room`: bytes the whole line may take. False: nothing may be
 * written (no room, no file). */
bool line_begin(struct line *l, const char *event, u32 thread, size_t room);
void line_end(struct line *l);
void line_int(struct line *l, const char *key, u64 v);
void line_signed(struct line *l, const char *key, int64_t v);
void line_str(struct line *l, const char *key,
	      const char *v); /* NULL is null; escaped; bytes ≥ 0x80 that are no UTF-8 become ? */
void line_hex(struct line *l, const char *key, const unsigned char *p, size_t n);
/* Arrays: line_open(l, "ring", '['), objects inside: line_open(l, NULL, '{'), … line_close(l, '}');
 */
void line_open(struct line *l, const char *key, char bracket);
void line_close(struct line *l, char bracket);
void line_value(struct line *l, u64 v); /* in an array */

#endif
