/* SPDX-License-Identifier: MIT */
/*
 * Owns: what happens around every call on a descriptor. See fd.h. Called from all of wrap/'s
 * descriptor families; signal-safe.
 */
#include "wrap/fd.h"

#include "init.h"

/* wait_begin() where no wait is under way, all other fields being blank then (wait_bare() relies on
 * the same). */
static inline void wait_plain(struct thread *t, struct wait_outer *o, u32 call, int fd, u32 flags,
			      uintptr_t pc, uintptr_t sp, u64 since)
{
	struct st_live *l = t->live;

	if (unlikely(l->wait_call != CALL_none)) {
		struct wait w = {.call = call, .fd = fd, .flags = flags};

		wait_begin(t, o, &w, pc, sp, since);
		return;
	}
	t->waits++;
	o->nested = false;
	do { /* again, if a handler came between and blanked the record */
		l->wait_since = since;
		l->wait_flags = flags;
		l->wait_fd = fd;
		wait_bare(l, call, 0, pc, sp);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	} while (unlikely(l->wait_since != since || l->wait_sp != sp));
}

void io_enter(struct io *io, u32 call, int fd, u32 how, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	u32 flags;
	u64 now;

	io->b.t = t;
	io->f = NULL;
	if (unlikely(!t))
		return;
	io->how = how;
	io->b.call = call;
	io->b.fd = fd;
	io->b.hold.since = 0;
	timers_watch(t, sp, call, fd, 0);
	tool_control(t);
	now = clock_coarse();
	if (unlikely(now >= files_due))
		files_promote();
	io->f =
	    how & IO_QUIET ? fd_get(fd) : fd_use(t, fd, how & (ROLE_SENDS | ROLE_RECEIVES), now);
	if (likely(io->f && !(how & IO_QUIET))) {
		if (unlikely(io->f->stranger == t->serial))
			bad_fd_strange(t, io->f, pc);
		io->f->used_pc = pc;
	}
	flags = (how & IO_TIMED ? WF_TIMED : 0) |
		(how & IO_NONBLOCK || (io->f && io->f->flags & FF_NONBLOCK) ? WF_NONBLOCK : 0);
	if (unlikely(how & ROLE_SENDS && ordering_is_channel(io->f)))
		ordering_sends(t, io->f);
	/* What can't block needs no time taken: redis holds a lock all its life. */
	if (unlikely(t->live->nheld && !(flags & WF_NONBLOCK))) {
		hold_io_begin(&io->b.hold, call >= CALL_poll && call <= CALL_epoll_wait);
		now = io->b.hold.since;
	}
	wait_plain(t, &io->b.outer, call, fd, flags, pc, sp, now);
}

COLD void bad_fd_failed(struct thread *t, int fd)
{
	if (fd_is_open(fd))
		bad_fd_mistaken(t, fd, EBADF); /* read(), and it is open for writing only */
	else
		bad_fd_used(t, fd);
}

COLD void io_leave_slow(struct io *io, long rc)
{
	struct thread *t = io->b.t;
	int e = errno;

	if (t && rc < 0 && e == EAGAIN)
		spin_call(t, io->b.call, 0, 1);
	if (!t || t != thread_self || !t->live || io->b.fd < 0 ||
	    (io->how & (IO_QUIET | IO_CHECK)) == IO_QUIET)
		return;
	if (rc >= 0 && !(io->how & IO_QUIET))
		fd_learn(t, io->b.fd, 0);
	else if (rc < 0 && e == EBADF)
		bad_fd_failed(t, io->b.fd);
	else if (rc < 0 && e == ENOTSOCK)
		bad_fd_mistaken(t, io->b.fd, e);
	errno = e;
}

int fd_made(struct thread *t, int fd, enum fd_kind kind, u32 flags)
{
	struct fd_birth b = {.kind = kind, .flags = flags, .peer = -1};

	if (unlikely(!t || t != thread_self || !t->live))
		return fd;
	if (unlikely(fd < 0)) {
		int e = errno;

		fd_exhaustion_failed(t, kind, e);
		errno = e;
		return fd;
	}
	bad_fd_settle(t);
	fd_born(t, fd, &b);
	fd_exhaustion_near();
	tool_control(t);
	return fd;
}

void fd_made_pair(struct thread *t, int rc, const int *fds, enum fd_kind kind, u32 flags,
		  bool one_way)
{
	struct st_fd *a, *b;

	if (rc < 0) {
		fd_made(t, -1, kind, flags);
		return;
	}
	fd_made(t, fds[0], kind, flags | (one_way ? FF_RDONLY : 0));
	fd_made(t, fds[1], kind, flags | (one_way ? FF_WRONLY : 0));
	a = fd_get(fds[0]);
	b = fd_get(fds[1]);
	if (t && a && b) {
		a->peer = fds[1];
		b->peer = fds[0];
	}
}
