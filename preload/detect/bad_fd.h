/* SPDX-License-Identifier: MIT */
/*
 * Calls on descriptors that were closed (generic rule bad-descriptor): told only where opening and
 * closing were both seen, once a generation.
 */
#ifndef DETECT_BAD_FD_H
#define DETECT_BAD_FD_H

#include "state/thread.h"

/* A call other than a probe failed with EBADF. Asks the kernel whether the number is really unused:
 * EBADF also means "not open for reading". Signal-safe; leaves errno alone. */
void bad_fd_used(struct thread *t, int fd);
/* close(fd) failed with EBADF, and it was already closed in our books. Sweeps (three and more
 * consecutive numbers) are no fault: what may be the beginning of one is held back until the thread
 * does something else. */
void bad_fd_closed(struct thread *t, int fd);
/* The thread did something else with descriptors, or ends: says what was held back. */
void bad_fd_settle_slow(struct thread *t);
static inline void bad_fd_settle(struct thread *t)
{
	if (unlikely(t->bad_close.run))
		bad_fd_settle_slow(t);
}

#endif
