/* SPDX-License-Identifier: MIT */
/*
 * Descriptors run out: a call that makes one failed for want of it, or most of RLIMIT_NOFILE is in
 * use.
 */
#ifndef DETECT_FD_EXHAUSTION_H
#define DETECT_FD_EXHAUSTION_H

#include "state/thread.h"

/* A call that makes descriptors of this kind failed with `err`. Other errors than EMFILE and ENFILE
 * are nothing. A line for the first failure of a site, counted after that. Signal-safe. */
void fd_exhaustion_failed(struct thread *t, enum fd_kind kind, int err);
/* After a birth: tells log= once when nine tenths of the limit are in use (the reporter takes it
 * from the header). */
void fd_exhaustion_near_slow(void);
static inline void fd_exhaustion_near(void)
{
	if (unlikely((u64)state->fds_open * 10 >= (u64)state->nofile * 9))
		fd_exhaustion_near_slow();
}
/* The limits were changed by a call: reads them again. */
void fd_exhaustion_limits(void);
void fd_exhaustion_fork_child(void);

#endif
