/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: one row a number, with generations. Written by the thread that has just got the number from the kernel, or is about to give it
 * back: no lock. A death is recorded before the real close, a birth after the real open. Signal-safe.
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
/* A call returned `fd` ≥ 0. A number that was believed open ends its old generation without a fault (its close was not seen).
 * Returns the row, NULL past the table's limit. */
struct st_fd *fd_born(struct thread *t, int fd, const struct fd_birth *b);
/* About to be closed by the program. Call fd_close_failed() if the kernel said EBADF after all. */
void fd_died(struct thread *t, int fd);
void fd_revive(int fd);
/* A call that makes descriptors failed with EMFILE or ENFILE: counts it at its site; returns the stack. */
u32 fd_exhausted(struct thread *t, enum fd_kind kind);
/* Used by a call (read, write, poll, listen, accept, connect, ioctl …). `role`: ROLE_SENDS, ROLE_RECEIVES, or 0. */
void fd_used(struct thread *t, int fd, u32 role);
struct st_fd *fd_get(int fd); /* NULL if never seen */
static inline u32 fd_kind(int fd)
{
	struct st_fd *f = fd >= 0 ? fd_get(fd) : NULL;

	return f && f->open ? f->kind : FDK_unknown;
}

#endif
