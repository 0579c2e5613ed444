/* SPDX-License-Identifier: MIT */
/*
 * Reading NAME.state: the tables of trace_schema.h, of a dead process or of one that runs right
 * now.
 *
 * Owns: the open file and what was read of it. Doesn't own: meaning (model.h).
 * Everything is read with pread(2), never mapped, so a file that shrinks or lies cannot fault us:
 * each offset and count is checked against the file before it is believed. A row that its process
 * was writing may come torn: fields are cleaned (strings ended, kinds in range, nheld ≤ HELD_MAX),
 * relations between fields are the caller's to doubt. Called from cmd_*.c and reader.c; not
 * signal-safe, one thread a view.
 */
#ifndef REPORTER_STATE_H
#define REPORTER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include "trace_schema.h"

struct state_view {
	int fd; /* owned if `owned` */
	bool owned;
	u64 file_size;	       /* as fstat said at the last refresh */
	struct st_header head; /* cleaned copy; `trace` is NUL-terminated */
};

/*
 * Opens PATH (a NAME.state, or any file that holds one, such as /proc/PID/map_files/…).
 * Returns 0; -errno of open/read; -EBADMSG: no state file; -EPROTO: another TRACE_VERSION.
 * The directory does not matter, the file may be unlinked, its process may run.
 */
int state_open(struct state_view *v, const char *path);

/* The same on a descriptor that stays the caller's. */
int state_open_fd(struct state_view *v, int fd);

/* Reads the header again (one pread). Same errors as state_open(). */
int state_refresh(struct state_view *v);

void state_close(struct state_view *v);

/* Rows ever handed out of TABLE, bounded by what the file can hold. 0 if the table is malformed. */
u32 state_rows(const struct state_view *v, enum trace_table table);

/* sizeof(struct st_<table>), as the table's rows are in memory here. */
size_t state_row_size(enum trace_table table);

/* Copies row I into OUT (state_row_size() bytes). 0; -ENOENT out of range or not in the file;
 * -errno. */
int state_row(const struct state_view *v, enum trace_table table, u32 i, void *out);

/*
 * Reads the whole table: *ROWS is malloc'ed (the caller frees), *N its rows; free rows are kept, so
 * that indices stay. 0 also for an empty one (*ROWS NULL). -ENOMEM, -errno.
 */
int state_table(const struct state_view *v, enum trace_table table, void **rows, u32 *n);

/* Calls FN for each row in use (first field not 0); stops when FN returns non-zero and returns
 * that. */
int state_each(const struct state_view *v, enum trace_table table,
	       int (*fn)(void *arg, u32 index, const void *row), void *arg);

/* Field I of a record, for whoever maps names to offsets. */
struct record_field {
	const char *name;
	u16 offset, size;
	enum { FIELD_U32, FIELD_I32, FIELD_U64, FIELD_STR } type;
};
struct record_desc {
	const char *name;
	const struct record_field *(*fields)(void); /* ends with name NULL */
	size_t size;
};
extern const struct record_desc record_desc[TABLES];

/* Makes a row fit to be used: strings ended, enumerations in range, counts bounded. */
void row_clean(enum trace_table table, void *row);

#endif
