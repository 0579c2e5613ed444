/* SPDX-License-Identifier: MIT */
/*
 * A lock held across a call that blocked: how long, and who waited for the lock meanwhile.
 */
#ifndef DETECT_HOLD_IO_H
#define DETECT_HOLD_IO_H

#include "state/thread.h"

struct hold_io {
	u64 since;     /* 0: no lock was held */
	long switches; /* voluntary context switches before, -1 unknown */
};
/* Before the call, only if the thread holds a lock: two dear readings. `sleeps`: a call that is
 * made in order to sleep (poll, epoll_wait): its time is its own, and it comes too often to ask for
 * context switches. */
void hold_io_begin(struct hold_io *h, bool sleeps);
/* After it. `fd_kind`: enum fd_kind, FDK_unknown if the call is on no descriptor. */
void hold_io_end(struct thread *t, const struct hold_io *h, u32 call, int fd, u32 fd_kind);
/* A sandbox was installed: getrusage is no longer asked. */
void hold_io_sandboxed(void);

#endif
