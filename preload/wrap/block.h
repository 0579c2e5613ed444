/* SPDX-License-Identifier: MIT */
/*
 * The shape of a wrapper around a call that may block on something outside the process's locks:
 *
 *	EXPORT ssize_t read(int fd, void *buf, size_t n)
 *	{
 *		struct block b;
 *		ssize_t r;
 *
 *		block_enter(&b, CALL_read, fd, CALLER_PC(), CALLER_SP());
 *		r = REAL(read)(fd, buf, n);
 *		block_leave(&b);
 *		return r;
 *	}
 *
 * While it blocks, the thread's live row says in what, on what, since when. With locks held, the
 *time is taken and charged to them. Costs a coarse clock reading and a dozen stores otherwise;
 *keeps errno; no cleanup is registered: a call left by cancellation or longjmp is noticed by the
 *next one (wait_left).
 */
#ifndef WRAP_BLOCK_H
#define WRAP_BLOCK_H

#include "base/clock.h"
#include "detect/hold_io.h"
#include "detect/timers.h"
#include "init.h"
#include "real/real.h"
#include "state/fds.h"
#include "state/thread.h"
#include "trace/files.h"

struct block {
	struct thread *t;
	struct wait_outer outer;
	struct hold_io hold;
	u32 call;
	int fd;
};

/* `flags`: WF_TIMED where the call ends by itself, WF_NONBLOCK where it can't block. */
static inline void block_enter_flags(struct block *b, u32 call, int fd, u32 flags, uintptr_t pc,
				     uintptr_t sp)
{
	struct thread *t = scope_enter();
	struct wait w = {.call = call, .fd = fd, .flags = flags};
	u64 now;

	b->t = t;
	if (unlikely(!t))
		return;
	b->call = call;
	b->fd = fd;
	b->hold.since = 0;
	timers_watch(t, sp, call, fd, 0);
	tool_control(t);
	now = clock_coarse();
	if (unlikely(now >= files_due))
		files_promote();
	if (unlikely(t->live->nheld && !(flags & WF_NONBLOCK)))
		hold_io_begin(&b->hold, false);
	wait_begin(t, &b->outer, &w, pc, sp, b->hold.since ? b->hold.since : now);
}
static inline void block_enter(struct block *b, u32 call, int fd, uintptr_t pc, uintptr_t sp)
{
	block_enter_flags(b, call, fd, 0, pc, sp);
}
static inline void block_leave(struct block *b)
{
	struct thread *t = b->t;

	if (unlikely(!t || t != thread_self))
		return;
	wait_end(t, &b->outer);
	if (unlikely(b->hold.since))
		hold_io_end(t, &b->hold, b->call, b->fd, fd_kind(b->fd));
}

#endif
