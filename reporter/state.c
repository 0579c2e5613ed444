/* SPDX-License-Identifier: MIT */
/*
 * Reading NAME.state: see state.h. Owns the bounds checks; nothing read from the file is used as an
 * offset, a count or an index before it went through table_chunk() or row_clean(). Not signal-safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "state.h"
#include "util.h"

#define TABLE_BYTES_MAX (512u << 20) /* of one table; more is a lie or somebody else's machine */

/* ---- what a record looks like ------------------------------------------------------------------
 */
#define FIELD_OF_u32   FIELD_U32
#define FIELD_OF_i32   FIELD_I32
#define FIELD_OF_u64   FIELD_U64
#define FIELD_OF_str16 FIELD_STR
#define FIELD_OF_str48 FIELD_STR
#define FIELD_ROW(type, field, doc)                                                                \
	{#field, offsetof(rec, field), sizeof(((rec *)0)->field), FIELD_OF_##type},
#define FIELD_TABLE(name, doc)                                                                     \
	static const struct record_field *fields_##name(void)                                      \
	{                                                                                          \
		typedef struct st_##name rec;                                                      \
		static const struct record_field f[] = {RECORD_##name(FIELD_ROW){0}};              \
		return f;                                                                          \
	}
TRACE_RECORDS(FIELD_TABLE)

#define DESC_ROW(name, doc) {#name, fields_##name, sizeof(struct st_##name)},
const struct record_desc record_desc[TABLES] = {TRACE_RECORDS(DESC_ROW)};

size_t state_row_size(enum trace_table table)
{
	return record_desc[table].size;
}

static void kind_clean(u32 *kind, u32 end)
{
	if (*kind >= end)
		*kind = 0;
}

void row_clean(enum trace_table table, void *row)
{
	for (const struct record_field *f = record_desc[table].fields(); f->name; f++) {
		if (f->type != FIELD_STR)
			continue;
		((char *)row)[f->offset + f->size - 1] = '\0';
		text_clean((char *)row + f->offset);
	}
	switch (table) {
	case TABLE_live:
		kind_clean(&((struct st_live *)row)->wait_call, CALL_MAX);
		for (int i = 0; i < HELD_MAX; i++)
			if (((struct st_live *)row)->held[i].mode > HELD_ONCE)
				((struct st_live *)row)->held[i].mode = 0;
		break;
	case TABLE_sync:
		kind_clean(&((struct st_sync *)row)->kind, SYNC_KINDS);
		break;
	case TABLE_fd:
		kind_clean(&((struct st_fd *)row)->kind, FD_KINDS);
		break;
	case TABLE_timer:
		kind_clean(&((struct st_timer *)row)->kind, TIMER_KINDS);
		break;
	case TABLE_site:
		if (((struct st_site *)row)->kind >= SITE_KINDS)
			((struct st_site *)row)->serial = 0; /* of no use */
		break;
	case TABLE_hold_io:
		kind_clean(&((struct st_hold_io *)row)->call, CALL_MAX);
		kind_clean(&((struct st_hold_io *)row)->fd_kind, FD_KINDS);
		break;
	default:
		break;
	}
}

/* ---- the file ----------------------------------------------------------------------------------
 */
/* Reads exactly LEN bytes. 0, -ENODATA at the end of the file, -errno. */
static int read_at(int fd, void *to, size_t len, u64 at)
{
	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		to = (char *)to + n;
		at += (u64)n;
		len -= (size_t)n;
	}
	return 0;
}

int state_refresh(struct state_view *v)
{
	struct st_header head;
	struct stat st;
	int rc;

	if (fstat(v->fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(head))
		return -EBADMSG;
	rc = read_at(v->fd, &head, sizeof(head), 0);
	if (rc == -ENODATA)
		return -EBADMSG;
	if (rc)
		return rc;
	if (head.magic != STATE_MAGIC)
		return -EBADMSG;
	if (head.version != TRACE_VERSION || head.header_size != sizeof(head))
		return -EPROTO;
	if (fstat(v->fd, &st) != 0) /* again: it may have grown before the header was read */
		return -errno;
	head.trace[sizeof(head.trace) - 1] = '\0';
	v->head = head;
	v->file_size = (u64)st.st_size;
	return 0;
}

int state_open_fd(struct state_view *v, int fd)
{
	memset(v, 0, sizeof(*v));
	v->fd = fd;
	return state_refresh(v);
}

int state_open(struct state_view *v, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc = fd < 0 ? -errno : state_open_fd(v, fd);

	if (rc && fd >= 0)
		close(fd);
	if (rc)
		v->fd = -1;
	v->owned = rc == 0;
	return rc;
}

void state_close(struct state_view *v)
{
	if (v->owned && v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	v->owned = false;
}

/* ---- tables ------------------------------------------------------------------------------------
 * A chunk that was never needed is a hole: its rows are free. Descriptor tables have them.
 */
struct chunk {
	u64 start, rows; /* rows of the table it holds; as many as lie in the file */
	u64 offset;	 /* 0: a hole */
	bool whole;
};

static struct chunk table_chunk(const struct state_view *v, enum trace_table table, int k)
{
	const struct st_table *t = &v->head.table[table];
	u64 size = state_row_size(table), rows = (u64)t->first << k;
	struct chunk c = {
	    .start = rows - t->first, .rows = rows, .offset = t->chunk[k], .whole = true};

	if (!c.offset)
		return c;
	if (c.offset < sizeof(v->head) || c.offset >= v->file_size)
		c.rows = 0;
	else if ((v->file_size - c.offset) / size < rows)
		c.rows = (v->file_size - c.offset) / size;
	c.whole = c.rows == rows;
	return c;
}

static bool table_sane(const struct state_view *v, enum trace_table table)
{
	const struct st_table *t = &v->head.table[table];

	return t->size == state_row_size(table) && t->first && (t->first & (t->first - 1)) == 0;
}

u32 state_rows(const struct state_view *v, enum trace_table table)
{
	u64 most = TABLE_BYTES_MAX / state_row_size(table), end = 0;

	if (!table_sane(v, table))
		return 0;
	if (most > v->head.table[table].used)
		most = v->head.table[table].used;
	for (int k = 0; k < TABLE_CHUNKS && end < most; k++) {
		struct chunk c = table_chunk(v, table, k);

		if (c.start >= most)
			break;
		if (c.offset && c.rows)
			end = c.start + c.rows;
		if (!c.whole)
			break;
	}
	return (u32)(end < most ? end : most);
}

int state_row(const struct state_view *v, enum trace_table table, u32 i, void *out)
{
	size_t size = state_row_size(table);
	struct chunk c = {0};
	int rc;

	if (i >= state_rows(v, table))
		return -ENOENT;
	for (int k = 0; k < TABLE_CHUNKS; k++) {
		c = table_chunk(v, table, k);
		if (i < c.start + ((u64)v->head.table[table].first << k))
			break;
	}
	memset(out, 0, size);
	if (!c.offset)
		return 0;
	if (i - c.start >= c.rows)
		return -ENOENT;
	rc = read_at(v->fd, out, size, c.offset + (i - c.start) * size);
	if (rc == 0)
		row_clean(table, out);
	return rc == -ENODATA ? -ENOENT : rc;
}

/* Reads the rows of a chunk, at most up to row WANT. 0, -ENODATA if the file shrank meanwhile,
 * -errno. */
static int chunk_read(const struct state_view *v, enum trace_table table, const struct chunk *c,
		      char *rows, u32 want)
{
	size_t size = state_row_size(table);
	u64 n = c->rows < want - c->start ? c->rows : want - c->start;
	char *to = rows + c->start * size;
	int rc = read_at(v->fd, to, n * size, c->offset);

	for (u64 i = 0; rc == 0 && i < n; i++)
		row_clean(table, to + i * size);
	return rc;
}

int state_table(const struct state_view *v, enum trace_table table, void **rows, u32 *n)
{
	u32 want = state_rows(v, table);
	char *p;
	int rc = 0;

	*rows = NULL;
	*n = 0;
	if (want == 0)
		return 0;
	p = calloc(want, state_row_size(table));
	if (!p)
		return -ENOMEM;
	for (int k = 0; k < TABLE_CHUNKS && rc == 0; k++) {
		struct chunk c = table_chunk(v, table, k);

		if (c.start >= want)
			break;
		if (c.offset && c.rows)
			rc = chunk_read(v, table, &c, p, want);
		if (rc == -ENODATA)
			want = (u32)c.start;
	}
	if (rc && rc != -ENODATA) {
		free(p);
		return rc;
	}
	*rows = p;
	*n = want;
	return 0;
}

int state_each(const struct state_view *v, enum trace_table table,
	       int (*fn)(void *arg, u32 index, const void *row), void *arg)
{
	void *rows;
	u32 n, key;
	int rc = state_table(v, table, &rows, &n);

	for (u32 i = 0; rc == 0 && i < n; i++) {
		const char *row = (char *)rows + i * state_row_size(table);

		memcpy(&key, row, sizeof(key));
		if (key)
			rc = fn(arg, i, row);
	}
	free(rows);
	return rc;
}
