/* SPDX-License-Identifier: MIT */
/*
 * From files to the model: finds the traces under a path, loads one process at a time.
 *
 * Owns: the list of what there is to read, and complaints about it. Memory is bounded by one
 * process: load, judge, free, next. Input is never trusted: a file that is truncated, empty, binary
 * or hostile costs one complaint with its name and line, and what was readable of it is reported.
 * Called from report.c and cmd_*.c; not signal-safe.
 */
#ifndef REPORTER_READER_H
#define REPORTER_READER_H

#include <stdio.h>
#include "model.h"

/* Where complaints go, one line each: "pitfall: FILE:LINE: text". */
struct diag_out {
	FILE *to;      /* NULL: only counted */
	unsigned said; /* complaints in all */
	unsigned here; /* about the present process: past 20 they are counted, not printed */
};
void __attribute__((format(printf, 4, 5)))
diag_say(struct diag_out *d, const char *file, unsigned line, const char *fmt, ...);

/* One process that left something: JSONL or STATE may be NULL, not both; or a line of index.jsonl.
 */
struct trace_ref {
	char *jsonl, *state;
	char *index;	   /* index.jsonl, */
	long index_offset; /* and where its line begins */
	unsigned index_line;
};
struct trace_set {
	struct trace_ref *ref;
	u32 n, cap;
};

/*
 * Adds what PATH holds: a directory (its *.jsonl, *.state and index.jsonl, not recursive), a
 * NAME.jsonl or NAME.state (the other one beside it is found), an index.jsonl. 0; -errno after one
 * complaint.
 */
int trace_find(struct trace_set *s, const char *path, struct diag_out *d);
void trace_set_free(struct trace_set *s);

/*
 * Loads one process. 0 with *OUT (process_free() it); -ENODATA if nothing in it could be read
 * (said); -errno. Partly readable is 0.
 */
int process_load(struct model_process **out, const struct trace_ref *ref, struct diag_out *d);

/* process_load() of a single path, for those who look at one process. */
int trace_load(struct model_process **out, const char *path, struct diag_out *d);

#endif
