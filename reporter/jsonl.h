/* SPDX-License-Identifier: MIT */
/* Lines of NAME.jsonl into a model. Private to reader.c and its tests; not signal-safe. */
#ifndef REPORTER_JSONL_H
#define REPORTER_JSONL_H

#include "reader.h"

#define LINE_BYTES_MAX (1u << 20)

/*
 * Reads the lines of PATH into P: events, modules, stacks, table rows, the process line into
 * p->facts. Returns the number of lines understood, or -errno of open/read. Complaints go to D.
 */
long jsonl_load(struct model_process *p, const char *path, struct diag_out *d);
/* One line of index.jsonl, parsed by the caller. */
int jsonl_clean(struct model_process *p, const json_t *js);
/* Calls FN for each non-blank line of a file; a line longer than LINE_BYTES_MAX is skipped and
 * complained of. */
int lines_each(const char *path, struct diag_out *d,
	       int (*fn)(void *arg, char *line, size_t len, unsigned number, long offset,
			 bool ended),
	       void *arg);
/* Parses one line; NULL after a complaint. */
json_t *line_parse(const char *line, size_t len, const char *path, unsigned number, bool ended,
		   struct diag_out *d);
int note_add(struct model_note **note, u32 *n, const char *what, const char *why, u64 count);

#endif
