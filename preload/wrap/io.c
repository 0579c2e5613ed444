/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading, writing, moving and locking data through descriptors: calls that can block. Each
 * is a line; see fd.h for what a line does. read and write are async-signal-safe and cancellation
 * points, and stay so.
 */
#include "state/timers.h"
#include "wrap/fd.h"

enum { READS = ROLE_RECEIVES, WRITES = ROLE_SENDS };

/* Somebody took expirations of a timer. */
static inline void timer_read(const struct io *io, int fd, const void *buf, ssize_t n)
{
	uint64_t v;

	if (likely(!io->f || io->f->kind != FDK_timerfd) || n != sizeof(v))
		return;
	memcpy(&v, buf, sizeof(v));
	timer_fd_read(fd, v);
}

#define READER(name, params, args)                                                                 \
	EXPORT ssize_t name params                                                                 \
	{                                                                                          \
		__typeof__(real.name) f = REAL(name);                                              \
		struct io io;                                                                      \
		ssize_t r;                                                                         \
                                                                                                   \
		io_enter(&io, CALL_read, fd, READS, CALLER_PC(), CALLER_SP());                     \
		r = f args;                                                                        \
		io_leave(&io, r);                                                                  \
		if (likely(io.b.t != NULL))                                                        \
			timer_read(&io, fd, buf, r);                                               \
		return r;                                                                          \
	}
READER(read, (int fd, void *buf, size_t n), (fd, buf, n))
READER(__read_chk, (int fd, void *buf, size_t n, size_t size), (fd, buf, n, size))
ALIAS(__read, read);
IO(ssize_t, write, (int fd, const void *buf, size_t n), (fd, buf, n), write, fd, WRITES)
ALIAS(__write, write);
IO(int, eventfd_read, (int fd, eventfd_t *v), (fd, v), read, fd, READS)
IO(int, eventfd_write, (int fd, eventfd_t v), (fd, v), write, fd, WRITES)

IO(ssize_t, pread, (int fd, void *buf, size_t n, off_t at), (fd, buf, n, at), pread, fd, READS)
IO(ssize_t, pread64, (int fd, void *buf, size_t n, off64_t at), (fd, buf, n, at), pread, fd, READS)
ALIAS(__pread64, pread64);
IO(ssize_t, __pread_chk, (int fd, void *buf, size_t n, off_t at, size_t size),
   (fd, buf, n, at, size), pread, fd, READS)
IO(ssize_t, __pread64_chk, (int fd, void *buf, size_t n, off64_t at, size_t size),
   (fd, buf, n, at, size), pread, fd, READS)
IO(ssize_t, pwrite, (int fd, const void *buf, size_t n, off_t at), (fd, buf, n, at), pwrite, fd,
   WRITES)
IO(ssize_t, pwrite64, (int fd, const void *buf, size_t n, off64_t at), (fd, buf, n, at), pwrite, fd,
   WRITES)
ALIAS(__pwrite64, pwrite64);

typedef const struct iovec *iov_t;
IO(ssize_t, readv, (int fd, iov_t v, int n), (fd, v, n), readv, fd, READS)
IO(ssize_t, writev, (int fd, iov_t v, int n), (fd, v, n), writev, fd, WRITES)
IO(ssize_t, preadv, (int fd, iov_t v, int n, off_t at), (fd, v, n, at), preadv, fd, READS)
IO(ssize_t, preadv64, (int fd, iov_t v, int n, off64_t at), (fd, v, n, at), preadv, fd, READS)
IO(ssize_t, preadv2, (int fd, iov_t v, int n, off_t at, int flags), (fd, v, n, at, flags), preadv,
   fd, READS)
IO(ssize_t, preadv64v2, (int fd, iov_t v, int n, off64_t at, int flags), (fd, v, n, at, flags),
   preadv, fd, READS)
IO(ssize_t, pwritev, (int fd, iov_t v, int n, off_t at), (fd, v, n, at), pwritev, fd, WRITES)
IO(ssize_t, pwritev64, (int fd, iov_t v, int n, off64_t at), (fd, v, n, at), pwritev, fd, WRITES)
IO(ssize_t, pwritev2, (int fd, iov_t v, int n, off_t at, int flags), (fd, v, n, at, flags), pwritev,
   fd, WRITES)
IO(ssize_t, pwritev64v2, (int fd, iov_t v, int n, off64_t at, int flags), (fd, v, n, at, flags),
   pwritev, fd, WRITES)

/* ---- from one descriptor to another: the wait is on the source, both are used
 * -------------------------------------------- */

static COLD void moved_to(const struct io *io, int to)
{
	int e = errno;

	if (e == EBADF && io->f && io->b.t && io->b.t == thread_self && !fd_is_open(to))
		bad_fd_used(io->b.t, to);
	errno = e;
}

#define MOVER(name, params, args, from, to, call)                                                  \
	EXPORT ssize_t name params                                                                 \
	{                                                                                          \
		__typeof__(real.name) f = REAL_OR_ENOSYS(name);                                    \
		struct io io;                                                                      \
		ssize_t r;                                                                         \
                                                                                                   \
		io_enter(&io, CALL_##call, from, READS, CALLER_PC(), CALLER_SP());                 \
		if (io.b.t)                                                                        \
			fd_used(io.b.t, to, WRITES);                                               \
		r = f args;                                                                        \
		io_leave(&io, r);                                                                  \
		if (unlikely(r < 0))                                                               \
			moved_to(&io, to);                                                         \
		return r;                                                                          \
	}
MOVER(sendfile, (int out, int in, off_t *at, size_t n), (out, in, at, n), in, out, sendfile)
MOVER(sendfile64, (int out, int in, off64_t *at, size_t n), (out, in, at, n), in, out, sendfile)
MOVER(splice, (int in, off64_t *at_in, int out, off64_t *at_out, size_t n, unsigned flags),
      (in, at_in, out, at_out, n, flags), in, out, splice)
MOVER(tee, (int in, int out, size_t n, unsigned flags), (in, out, n, flags), in, out, tee)
MOVER(copy_file_range, (int in, off64_t *at_in, int out, off64_t *at_out, size_t n, unsigned flags),
      (in, at_in, out, at_out, n, flags), in, out, copy_file_range)
IO(ssize_t, vmsplice, (int fd, iov_t v, size_t n, unsigned flags), (fd, v, n, flags), vmsplice, fd,
   WRITES)

/* ---- disks and file locks: waits, but no uses (they belong to the end of a use)
 * ------------------------------------------ */

IO(int, fsync, (int fd), (fd), fsync, fd, IO_QUIET | IO_CHECK)
IO(int, fdatasync, (int fd), (fd), fdatasync, fd, IO_QUIET | IO_CHECK)
IO(int, syncfs, (int fd), (fd), sync, fd, IO_QUIET | IO_CHECK)
IO(int, sync_file_range, (int fd, off64_t at, off64_t n, unsigned flags), (fd, at, n, flags),
   fdatasync, fd, IO_QUIET | IO_CHECK)
IO(int, msync, (void *at, size_t n, int flags), (at, n, flags), msync, -1, IO_QUIET)
IO(int, flock, (int fd, int op), (fd, op), flock, fd, op &LOCK_NB ? IO_NONBLOCK : 0)
IO(int, lockf, (int fd, int op, off_t n), (fd, op, n), lockf, fd, op == F_LOCK ? 0 : IO_NONBLOCK)
IO(int, lockf64, (int fd, int op, off64_t n), (fd, op, n), lockf, fd,
   op == F_LOCK ? 0 : IO_NONBLOCK)
IO(int, tcdrain, (int fd), (fd), ioctl, fd, 0)

EXPORT void sync(void)
{
	struct io io;

	io_enter(&io, CALL_sync, -1, IO_QUIET, CALLER_PC(), CALLER_SP());
	REAL(sync)();
	io_leave(&io, 0);
}
