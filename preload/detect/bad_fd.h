/* SPDX-License-Identifier: MIT */
/*
 * Calls on descriptors that were closed (generic rule bad-descriptor): told only where opening and
 * closing were both seen, once a generation. Also calls by which a thread that has closed its
 * number goes on to use, or closes again, what somebody else has got under it since.
 */
#ifndef DETECT_BAD_FD_H
#define DETECT_BAD_FD_H

#include "state/thread.h"

/* A call other than a probe failed with EBADF. Asks the kernel whether the number is really unused:
 * EBADF also means "not open for reading". Signal-safe; leaves errno alone. */
void bad_fd_used(struct thread *t, int fd);
/* An open descriptor is about to be closed, at `pc`: by its number (owner 0), or by the stream that
 * believes to own it (FF_STREAM, FF_DIRSTREAM). */
void bad_fd_closing(struct thread *t, struct st_fd *f, u32 owner, uintptr_t pc);
/* close(fd) failed with EBADF, and it was already closed in our books. Sweeps (three and more
 * neighbouring numbers from one place, not all of which were closed before) are no fault: what may
 * be the beginning of one is held back until the thread does something else. */
void bad_fd_closed(struct thread *t, int fd, uintptr_t pc);
/* A thread that had closed this number before makes a call on what another one has opened under it,
 * and uses, since (f->stranger). The call is about to be made from `pc`. */
void bad_fd_strange(struct thread *t, struct st_fd *f, uintptr_t pc);
/* A call on an open descriptor failed with an error that says that it is of another sort than the
 * caller took it for. */
void bad_fd_mistaken(struct thread *t, int fd, int err);
/* The thread did something else with descriptors, or ends: says what was held back. */
void bad_fd_settle_slow(struct thread *t);
static inline void bad_fd_settle(struct thread *t)
{
	if (unlikely(t->bad_close.run))
		bad_fd_settle_slow(t);
}

#endif
