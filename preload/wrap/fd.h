/* SPDX-License-Identifier: MIT */
/*
 * What all wrappers of descriptors share: the shape of a call on one, of a call that makes one, and
 *how the tool's own are hidden.
 *
 *	IO(ssize_t, read, (int fd, void *buf, size_t n), (fd, buf, n), read, fd, ROLE_RECEIVES)
 *
 * is a whole wrapper. In all others: io_enter(), the real call, io_leave(), and fd_made() for a new
 *number. None of these touches errno.
 */
#ifndef WRAP_FD_H
#define WRAP_FD_H

#include <errno.h>
#include <string.h>

#include "base/sys.h"
#include "detect/bad_fd.h"
#include "detect/fd_exhaustion.h"
#include "detect/spin.h"
#include "detect/timers.h"
#include "state/roles.h"
#include "wrap/block.h"
#include "wrap/ordering.h"

struct io {
	struct block b;
	struct st_fd *f; /* the row before the call, NULL if unknown */
	u32 how;
};
/* `how`, beside ROLE_SENDS and ROLE_RECEIVES. */
enum {
	IO_QUIET = 16 /* no use of the descriptor, EBADF is no fault */,
	IO_TIMED = 32,
	IO_CHECK = 256 /* with IO_QUIET: EBADF is a fault all the same */,
	IO_NONBLOCK = 64,
	IO_LOOK = 128 /* with IO_NONBLOCK: 0 says that nothing was found */
};

void io_enter(struct io *io, u32 call, int fd, u32 how, uintptr_t pc, uintptr_t sp);
/* A call on `fd` that is no probe returned EBADF. */
void bad_fd_failed(struct thread *t, int fd);
/* What is left to do where the call failed or the descriptor was not known. */
void io_leave_slow(struct io *io, long rc);
static inline void io_leave(struct io *io, long rc)
{
	block_leave(&io->b);
	if (unlikely(rc < 0 || !io->f))
		io_leave_slow(io, rc);
	else if (unlikely(io->how & ROLE_RECEIVES && rc && ordering_is_channel(io->f) &&
			  io->b.t == thread_self))
		ordering_received(io->b.t, io->f);
	if (unlikely(rc == 0 && io->how & IO_LOOK)) /* a look that found nothing */
		spin_call(io->b.t, io->b.call, 0, 1);
}

/* The real function, or out with ENOSYS where this libc has none (dlsym finds ours all the same).
 */
#define REAL_OR_ENOSYS(name)                                                                       \
	({                                                                                         \
		__typeof__(real.name) real_function = REAL(name);                                  \
		if (unlikely(!real_function)) {                                                    \
			errno = ENOSYS;                                                            \
			return -1;                                                                 \
		}                                                                                  \
		real_function;                                                                     \
	})

#define IO(type, name, params, args, call, fd, how)                                                \
	EXPORT type name params                                                                    \
	{                                                                                          \
		__typeof__(real.name) f = REAL_OR_ENOSYS(name);                                    \
		struct io io;                                                                      \
		type r;                                                                            \
                                                                                                   \
		io_enter(&io, CALL_##call, fd, how, CALLER_PC(), CALLER_SP());                     \
		r = f args;                                                                        \
		io_leave(&io, (long)r);                                                            \
		return r;                                                                          \
	}

/* A call that makes a descriptor returned `fd`: born, or counted where it failed for want of one.
 * Returns fd. `t` may be NULL. */
int fd_made(struct thread *t, int fd, enum fd_kind kind, u32 flags);
/* Both ends of a pipe or socket pair. */
void fd_made_pair(struct thread *t, int rc, const int *fds, enum fd_kind kind, u32 flags,
		  bool one_way);

/* A call that makes a descriptor and cannot block. */
#define MAKER(name, params, args, kind, flags)                                                     \
	EXPORT int name params                                                                     \
	{                                                                                          \
		__typeof__(real.name) f = REAL_OR_ENOSYS(name);                                    \
		struct thread *t = scope_enter();                                                  \
                                                                                                   \
		return fd_made(t, f args, kind, flags);                                            \
	}

/* Is it one of ours, which the program must find closed? Not so in the child of a vfork: its
 * descriptors are copies, and the way to exec. */
static inline bool fd_hidden(int fd)
{
	return unlikely(fd_is_ours(fd)) && !(thread_self && thread_self->vforked);
}
/* FF_* of the usual creation flags; SOCK_*, EFD_*, IN_*, TFD_* are the same bits. */
#define FF_OF_O(f) (((f)&O_CLOEXEC ? FF_CLOEXEC : 0) | ((f)&O_NONBLOCK ? FF_NONBLOCK : 0))

/* The same code under another exported name. */
#define ALIAS(name, of) extern __typeof__(of) name EXPORT __attribute__((alias(#of), copy(of)))

#endif
