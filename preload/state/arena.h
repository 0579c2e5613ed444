/* SPDX-License-Identifier: MIT */
/*
 * The mapped state: one file a process, mapped at one place, holding st_header and the tables of
 * trace_schema.h. Everything in it can be read from outside at any time and stays after SIGKILL.
 * Grows by reserve: address space is taken at start, file pages when they are needed; where the
 * file can't grow (full disk, RLIMIT_FSIZE, sandbox) memory without a file is used, and the header
 * says so.
 *
 * Also the tool's private memory (`arena_private`): per-thread records and memos. It is anonymous
 * and wiped on fork, so that a child made without our knowledge finds no active thread in it.
 *
 * Signal-safe. Never moves or frees a row's memory; rows are recycled by free lists.
 */
#ifndef STATE_ARENA_H
#define STATE_ARENA_H

#include "base/common.h"
#include "trace_schema.h"

/* The header, or NULL before arena_open(). */
extern struct st_header *state;

/* Maps a new state in `fd` (an empty file opened for reading and writing) or, with fd < 0, in
 * memory only. 0 or -errno. */
int arena_open(int fd, size_t max_bytes);
/* A state in memory moves into `fd`, at the same addresses. For processes with one thread, signals
 * blocked. 0 or -errno (it stays as it was). */
int arena_attach(int fd);
/* In a forked child: a private copy of what the parent's state held, in memory. Free where the
 * parent's is in memory itself: pages are copied when they are written. 0 or -errno. Other threads,
 * and the parent, may have been in the middle of changes: free lists are made anew here; who owns
 * chains does so too where arena_torn() says so, with rows_each(). */
int arena_fork(void);
bool arena_torn(void);
/* There, and only there (its state is private memory): zeroes memory of ours, of the state or
 * static, by dropping whole pages instead of touching each. */
void arena_child_clear(void *p, size_t n);
/* Calls fn for each row in use: its first word is not 0. Rows get that word last at birth and lose
 * it first. */
void rows_each(enum trace_table t, void (*fn)(u32 i, void *row));
/* The state's descriptor, or -1. */
int arena_fd(void);
/* After a sandbox was installed, only mmap is used to grow. */
void arena_sandboxed(void);

/* A zeroed row of a table; its index, or UINT32_MAX when the table is full (counted). Index 0 is
 * never given: 0 means none. */
u32 row_new(enum trace_table t);
void row_free(enum trace_table t, u32 i);
/* The row, or NULL if it was never handed out. */
void *row_get(enum trace_table t, u32 i);
/* For tables indexed by a number (fd): makes the row exist. NULL when past the limit. */
void *row_at(enum trace_table t, u32 i);
/* `n` rows in a run (frames). First index or UINT32_MAX. */
u32 row_run(enum trace_table t, u32 n);

/* `size` bytes of private zeroed memory, 64-byte aligned, or NULL. arena_private_free() recycles
 * blocks of the same size class. */
void *arena_private(size_t size);
void arena_private_free(void *p, size_t size);
/* `size` zeroed bytes in the state (hash buckets); pointer or NULL. */
void *arena_shared(size_t size);
/* An array of n chain heads (rows of some table) in the state, made at first use; NULL if there is
 * no room. `*offset` is where it lies, in units of 64 bytes, 0 before: a forked child's copy of the
 * state lies elsewhere, so a pointer would not do. Making it is for the holder of the table's lock.
 */
u32 *arena_heads_new(u32 *offset, u32 n);
static inline u32 *arena_heads(u32 *offset, u32 n)
{
	if (unlikely(!*offset))
		return arena_heads_new(offset, n);
	return (u32 *)((char *)state + (size_t)*offset * 64);
}
/* True when this is the process that arena_open/arena_fork was called in, not an unseen fork of it.
 */
bool arena_ours(void);
/* Bytes in use: state, private. */
void arena_usage(size_t *shared, size_t *priv);

#endif
