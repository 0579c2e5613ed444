/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that drop, copy or change descriptors: close*, dup*, fcntl, ioctl, and the limits
 * they live under. The tool's own descriptors are as if they were not open. Signal-safe where POSIX
 * wants it (close, dup, dup2, fcntl). See fd.h.
 */
#include "wrap/fd.h"

#include <stdarg.h>

#include "state/stacks.h"

/* ---- close
 * -------------------------------------------------------------------------------------------------------------
 */

static int bad_number(void)
{
	errno = EBADF;
	return -1;
}

static COLD void close_refused(struct thread *t, int fd, bool was_open, uintptr_t pc)
{
	int e = errno;

	if (was_open && e == EBADF)
		fd_revive(fd); /* its close was not seen */
	else if (was_open)
		fd_close_failed(fd);
	else if (e == EBADF)
		bad_fd_closed(t, fd, pc);
	errno = e;
}

/* Where it is closed is told by the memo of contexts: the innermost frames are right, outer ones
 * nearly always. */
static u32 died_at(struct thread *t, uintptr_t pc, uintptr_t sp)
{
	u32 stack = stack_context(t, pc, sp);

	return likely(stack) ? stack : stack_here(t);
}

EXPORT int close(int fd)
{
	__typeof__(real.close) f = REAL(close);
	struct io io;
	bool was_open;
	int rc;

	if (fd_hidden(fd))
		return bad_number();
	io_enter(&io, CALL_close, fd, IO_QUIET, CALLER_PC(), CALLER_SP());
	if (!io.b.t)
		return f(fd);
	was_open = io.f && io.f->open;
	if (was_open) {
		bad_fd_closing(io.b.t, io.f, 0, CALLER_PC());
		fd_died_at(io.b.t, fd, died_at(io.b.t, CALLER_PC(), CALLER_SP()));
	}
	rc = f(fd);
	io_leave(&io, rc);
	if (unlikely(rc < 0) && io.b.t == thread_self)
		close_refused(io.b.t, fd, was_open, CALLER_PC());
	return rc;
}
ALIAS(__close, close);

/* [first, last] in pieces that leave ours out. */
static int close_around(unsigned first, unsigned last, int flags)
{
	unsigned mine;
	int rc = 0;

	while ((mine = fd_ours_next(first)) <= last && mine != UINT32_MAX) {
		if (mine > first && (rc = real.close_range(first, mine - 1, flags)) < 0)
			return rc;
		first = mine + 1;
	}
	return first <= last ? real.close_range(first, last, flags) : rc;
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	__typeof__(real.close_range) f = REAL_OR_ENOSYS(close_range);
	struct thread *t = scope_enter();
	u32 stack;
	int rc;

	if (first > last || flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) ||
	    (thread_self && thread_self->vforked))
		return f(first, last, flags);
	if (!t)
		return close_around(first, last, flags);
	if (flags & CLOSE_RANGE_CLOEXEC) {
		rc = close_around(first, last, flags);
		for (u32 i = first; rc == 0 && i <= last && i < state->table[TABLE_fd].used; i++)
			fd_flags((int)i, FF_CLOEXEC, 0);
		return rc;
	}
	bad_fd_settle(t);
	stack = stack_here(t);
	fd_died_range(t, first, last, stack);
	rc = close_around(first, last, flags);
	if (rc < 0)
		fd_revive_range(first, last, stack);
	return rc;
}

/* glibc's closefrom() can't fail: without close_range(2) it walks /proc. So does this, by number,
 * to leave ours out. */
static void close_each(unsigned from)
{
	struct rlimit r = {65536, 65536};
	u64 n;

	sys_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &r);
	n = r.rlim_cur > 1 << 20 ? 1 << 20 : r.rlim_cur;
	for (u64 i = from; i < n; i++)
		if (!fd_is_ours((int)i))
			sys_close((int)i);
}

EXPORT void closefrom(int from)
{
	__typeof__(real.closefrom) f = REAL(closefrom);
	struct thread *t = scope_enter();
	unsigned first = from < 0 ? 0 : (unsigned)from;
	int e = errno;

	if (t)
		fd_died_range(t, first, INT32_MAX, stack_here(t));
	if (f && (fd_ours_next(first) == UINT32_MAX || (thread_self && thread_self->vforked))) {
		f(from);
		return;
	}
	if (!REAL(close_range) || close_around(first, ~0u, 0) < 0)
		close_each(first);
	errno = e;
}

/* ---- copies
 * ------------------------------------------------------------------------------------------------------------
 */

static u32 close_on_exec(bool on)
{
	return on ? FF_CLOEXEC : 0;
}

/* A copy is of its source's kind, and what is true of the open file is true of both. */
static int copied(struct thread *t, int fd, int from, u32 flags)
{
	struct st_fd *src = fd_get(from), *f;
	u32 shared = FF_NONBLOCK | FF_LISTEN | FF_RDONLY | FF_WRONLY;
	int e = errno;

	if (unlikely(fd < 0 && e == EBADF && t && t == thread_self)) {
		bad_fd_used(t, from);
		errno = e;
		return fd;
	}
	if (!src || !src->open)
		return fd_made(t, fd, FDK_dup, flags);
	fd_made(t, fd, (enum fd_kind)src->kind, flags | FF_COPY | (src->flags & shared));
	f = fd < 0 || !t ? NULL : fd_get(fd);
	if (f) {
		f->peer = src->peer;
		f->timer = 0; /* the timer goes with the number that was made */
	}
	return fd;
}

EXPORT int dup(int fd)
{
	__typeof__(real.dup) f = REAL(dup);
	struct thread *t = scope_enter();

	return fd_hidden(fd) ? bad_number() : copied(t, f(fd), fd, 0);
}

/* dup2 closes and opens in one step. */
static int replace(int fd, int to, int flags, bool dup_3)
{
	struct thread *t = scope_enter();
	bool moved = false;
	u32 stack = 0, stream;
	int rc;

	if (fd_hidden(fd))
		return bad_number();
	if (fd_hidden(to)) {
		fd_make_way(to);
		moved = true;
	}
	rc = dup_3 ? REAL(dup3)(fd, to, flags) : REAL(dup2)(fd, to);
	if (rc < 0 && moved)
		sys_close(to); /* as the program knows it */
	if (rc >= 0 && fd == to)
		return rc;
	stream = t && rc >= 0 ? fd_stream(to) : 0; /* it goes on with the new file */
	if (t && rc >= 0) {
		stack = stack_here(t);
		fd_died_at(t, to, stack);
	}
	return copied(t, rc, fd, stream | close_on_exec(flags & O_CLOEXEC));
}

EXPORT int dup2(int fd, int to)
{
	return replace(fd, to, 0, false);
}
ALIAS(__dup2, dup2);
EXPORT int dup3(int fd, int to, int flags)
{
	return replace(fd, to, flags, true);
}

/* ---- fcntl, ioctl: the last argument is forwarded as the word it is
 * ----------------------------------------------------- */

static void fcntl_done(struct thread *t, int fd, int cmd, long arg, int rc)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		copied(t, rc, fd, close_on_exec(cmd == F_DUPFD_CLOEXEC));
		break;
	case F_SETFL:
		if (t && rc >= 0)
			fd_flags(fd, arg & O_NONBLOCK ? FF_NONBLOCK : 0,
				 arg & O_NONBLOCK ? 0 : FF_NONBLOCK);
		break;
	case F_SETFD:
		if (t && rc >= 0)
			fd_flags(fd, close_on_exec(arg & FD_CLOEXEC),
				 close_on_exec(!(arg & FD_CLOEXEC)));
		break;
	}
}

static int do_fcntl(__typeof__(real.fcntl) f, int fd, int cmd, void *arg, uintptr_t pc,
		    uintptr_t sp)
{
	struct io io;
	int rc;

	if (fd_hidden(fd))
		return bad_number();
	if (cmd == F_SETLKW || cmd == F_OFD_SETLKW) {
		io_enter(&io, CALL_fcntl, fd, 0, pc, sp);
		rc = f(fd, cmd, arg);
		io_leave(&io, rc);
		return rc;
	}
	io.b.t = scope_enter();
	rc = f(fd, cmd, arg);
	fcntl_done(io.b.t, fd, cmd, (long)arg, rc);
	return rc;
}

static void *word_of(va_list ap)
{
	return va_arg(ap, void *);
}
#define LAST_WORD(last)                                                                            \
	({                                                                                         \
		va_list ap;                                                                        \
		void *w;                                                                           \
		va_start(ap, last);                                                                \
		w = word_of(ap);                                                                   \
		va_end(ap);                                                                        \
		w;                                                                                 \
	})

EXPORT int fcntl(int fd, int cmd, ...)
{
	return do_fcntl(REAL(fcntl), fd, cmd, LAST_WORD(cmd), CALLER_PC(), CALLER_SP());
}
ALIAS(__fcntl, fcntl);
EXPORT int fcntl64(int fd, int cmd, ...)
{
	return do_fcntl(REAL(fcntl64) ? real.fcntl64 : REAL(fcntl), fd, cmd, LAST_WORD(cmd),
			CALLER_PC(), CALLER_SP());
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	void *arg = LAST_WORD(request);
	struct io io;
	int rc;

	if (fd_hidden(fd))
		return bad_number();
	io_enter(&io, CALL_ioctl, fd, request == FIOCLEX || request == FIONCLEX ? IO_QUIET : 0,
		 CALLER_PC(), CALLER_SP());
	rc = REAL(ioctl)(fd, request, arg);
	io_leave(&io, rc);
	if (rc < 0 || !io.b.t)
		return rc;
	if (request == FIONBIO)
		fd_flags(fd, *(int *)arg ? FF_NONBLOCK : 0, *(int *)arg ? 0 : FF_NONBLOCK);
	else if (request == FIOCLEX || request == FIONCLEX)
		fd_flags(fd, close_on_exec(request == FIOCLEX), close_on_exec(request == FIONCLEX));
	return rc;
}

/* ---- limits
 * -------------------------------------------------------------------------------------------------------------
 */

static int limit_changed(int rc, int resource)
{
	if (rc == 0 && (resource == RLIMIT_NOFILE || resource == RLIMIT_SIGPENDING) &&
	    scope_enter())
		fd_exhaustion_limits();
	return rc;
}

EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *r)
{
	return limit_changed(REAL(setrlimit)(resource, r), (int)resource);
}
EXPORT int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *r)
{
	return limit_changed(REAL(setrlimit64)(resource, r), (int)resource);
}
EXPORT int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *r,
		   struct rlimit *old)
{
	int rc = REAL(prlimit)(pid, resource, r, old);

	return r ? limit_changed(rc, (int)resource) : rc;
}
EXPORT int prlimit64(pid_t pid, __rlimit_resource_t resource, const struct rlimit64 *r,
		     struct rlimit64 *old)
{
	int rc = REAL(prlimit64)(pid, resource, r, old);

	return r ? limit_changed(rc, (int)resource) : rc;
}
