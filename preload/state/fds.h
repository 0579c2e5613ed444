/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: one row a number, with generations. Written by the thread that has just got the
 * number from the kernel, or is about to give it back: no lock. A death is recorded before the real
 * close, a birth after the real open. Signal-safe.
 *
 * What tells a loop that forgets to close (catalogue 12) from sound programs, per birth site:
 * `made`, `gone`, `peak`; `gone_newest` (closed while the newest of its site: closed in its own
 * round); `used_late` (used, or first put into a poll set, after a later one was opened: merges,
 * listeners, connection tables; each descriptor counts once); `batch` (the longest run of closes
 * without an opening between); `failed`. A use is a call on the number, or on the stream or
 * directory that owns it; fsync and close are none: they belong to the end.
 */
#ifndef STATE_FDS_H
#define STATE_FDS_H

#include "base/common.h"
#include "base/ourfds.h"
#include "state/thread.h"

struct fd_birth {
	enum fd_kind kind;
	u32 flags; /* FF_* */
	u32 stack; /* 0: taken here */
	int peer;  /* -1 none */
};
/* A call returned `fd` ≥ 0. A number that was believed open ends its old generation without a fault
 * (its close was not seen). Returns the row, NULL past the table's limit. */
struct st_fd *fd_born(struct thread *t, int fd, const struct fd_birth *b);
/* About to be closed by the program. Call fd_close_failed() if the kernel said EBADF after all. */
void fd_died(struct thread *t, int fd);
void fd_died_at(struct thread *t, int fd, u32 stack); /* stack 0: not known */
/* Every descriptor from first to last; the tool's own stay. */
void fd_died_range(struct thread *t, u32 first, u32 last, u32 stack);
void fd_revive(int fd);
/* Its close failed otherwise: it is closed, but may be closed again without a fault. */
void fd_close_failed(int fd);
/* FF_STREAM or FF_DIRSTREAM, if one owns it. */
u32 fd_stream(int fd);
/* The calls that closed [first, last] at `stack` failed: what is still open is so again. */
void fd_revive_range(u32 first, u32 last, u32 stack);
/* A call that makes descriptors failed with EMFILE or ENFILE: counts it at its site; returns the
 * stack, the site's failures so far. */
u32 fd_exhausted(struct thread *t, enum fd_kind kind, u32 *failures);
/* Used by a call (read, write, poll, listen, accept, connect, ioctl …). `role`: ROLE_SENDS,
 * ROLE_RECEIVES, or 0; `now` coarse. Returns the row, or NULL where no open descriptor is known by
 * that number. */
struct st_fd *fd_use(struct thread *t, int fd, u32 role, u64 now);
void fd_used(struct thread *t, int fd, u32 role);
/* Used by a call that needs no more noting than whether later ones of its site are open: a
 * stream's, inside its buffer. */
void fd_used_late(struct st_fd *f);
/* It is in a poll set: the first time counts as a use. Returns its kind, FDK_unknown if it is not
 * known. */
u32 fd_polled(struct thread *t, int fd);
/* The kinds by which requests come. */
#define FDS_OF_PEERS                                                                               \
	(1u << FDK_pipe | 1u << FDK_fifo | 1u << FDK_socket | 1u << FDK_socketpair |               \
	 1u << FDK_pty | 1u << FDK_dup | 1u << FDK_received | 1u << FDK_stream |                   \
	 1u << FDK_unknown | 1u << FDK_mqueue)
static inline bool fd_is_of_peer(const struct st_fd *f)
{
	return f->kind < 32 && FDS_OF_PEERS >> f->kind & 1;
}
/* Does the kernel know it, though its opening was not seen? Then it is entered (FF_LEARNED). Leaves
 * errno alone. */
struct st_fd *fd_learn(struct thread *t, int fd, u32 flags);
/* Changes flags of an open descriptor. */
void fd_flags(int fd, u32 set, u32 clear);
struct st_fd *fd_get(int fd); /* NULL if never seen */
static inline bool fd_is_open(int fd)
{
	struct st_fd *f = fd_get(fd);

	return f && f->open;
}
static inline u32 fd_kind(int fd)
{
	struct st_fd *f = fd >= 0 ? fd_get(fd) : NULL;

	return f && f->open ? f->kind : FDK_unknown;
}

#endif
