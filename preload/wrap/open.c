/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that open files and directories by name, and directory streams. Opening may block
 * (FIFOs, dead servers). Streams of stdio are in stdio.c. See fd.h.
 */
#include "state/unsafe.h"
#include "detect/handlers.h"
#include "wrap/fd.h"

#include <stdarg.h>

static u32 flags_of(int flags)
{
	u32 how = (u32)flags & O_ACCMODE;

	return FF_OF_O((u32)flags) | (how == O_RDONLY	? FF_RDONLY
				      : how == O_WRONLY ? FF_WRONLY
							: 0);
}

/* What was opened: a directory if it had to be one; a FIFO is told apart where nothing else was
 * asked of the kernel than to be it. */
static int opened(struct io *io, int fd, int flags)
{
	io_leave(io, fd);
	return fd_made(io->b.t, fd,
		       flags & O_DIRECTORY && (flags & O_TMPFILE) != O_TMPFILE ? FDK_dir : FDK_file,
		       flags_of(flags) | FF_UNSURE);
}

static bool has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}
#define MODE(last)                                                                                 \
	({                                                                                         \
		mode_t m = 0;                                                                      \
		if (has_mode(last)) {                                                              \
			va_list ap;                                                                \
			va_start(ap, last);                                                        \
			m = va_arg(ap, mode_t);                                                    \
			va_end(ap);                                                                \
		}                                                                                  \
		m;                                                                                 \
	})

#define OPENER(name, params, args, mode)                                                           \
	EXPORT int name params                                                                     \
	{                                                                                          \
		__typeof__(real.name) f = REAL_OR_ENOSYS(name);                                    \
		mode_t m = mode;                                                                   \
		struct io io;                                                                      \
                                                                                                   \
		(void)m;                                                                           \
		io_enter(&io, CALL_open, -1, IO_QUIET, CALLER_PC(), CALLER_SP());                  \
		return opened(&io, f args, flags);                                                 \
	}

OPENER(open, (const char *path, int flags, ...), (path, flags, m), MODE(flags))
OPENER(open64, (const char *path, int flags, ...), (path, flags, m), MODE(flags))
ALIAS(__open, open);
ALIAS(__open64, open64);
OPENER(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, m), MODE(flags))
OPENER(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, m), MODE(flags))
OPENER(__open_2, (const char *path, int flags), (path, flags), 0)
OPENER(__open64_2, (const char *path, int flags), (path, flags), 0)
OPENER(__openat_2, (int dir, const char *path, int flags), (dir, path, flags), 0)
OPENER(__openat64_2, (int dir, const char *path, int flags), (dir, path, flags), 0)
OPENER(open_by_handle_at, (int mount, struct file_handle *handle, int flags),
       (mount, handle, flags), 0)

#define CREATOR(name)                                                                              \
	EXPORT int name(const char *path, mode_t mode)                                             \
	{                                                                                          \
		struct io io;                                                                      \
                                                                                                   \
		io_enter(&io, CALL_open, -1, IO_QUIET, CALLER_PC(), CALLER_SP());                  \
		return opened(&io, REAL(name)(path, mode), O_WRONLY);                              \
	}
CREATOR(creat)
CREATOR(creat64)

MAKER(mkstemp, (char *s), (s), FDK_file, 0)
MAKER(mkstemp64, (char *s), (s), FDK_file, 0)
MAKER(mkostemp, (char *s, int flags), (s, flags), FDK_file, FF_OF_O((u32)flags))
MAKER(mkostemp64, (char *s, int flags), (s, flags), FDK_file, FF_OF_O((u32)flags))
MAKER(mkstemps, (char *s, int n), (s, n), FDK_file, 0)
MAKER(mkstemps64, (char *s, int n), (s, n), FDK_file, 0)
MAKER(mkostemps, (char *s, int n, int flags), (s, n, flags), FDK_file, FF_OF_O((u32)flags))
MAKER(mkostemps64, (char *s, int n, int flags), (s, n, flags), FDK_file, FF_OF_O((u32)flags))

/* ---- directory streams
 * ---------------------------------------------------------------------------------------------------
 */

EXPORT DIR *opendir(const char *path)
{
	__typeof__(real.opendir) f = REAL(opendir);
	struct io io;
	DIR *d;

	IN_HANDLER("opendir", 0);
	io_enter(&io, CALL_open, -1, IO_QUIET, CALLER_PC(), CALLER_SP());
	d = f(path);
	io_leave(&io, d ? 0 : -1);
	fd_made(io.b.t, d ? dirfd(d) : -1, FDK_dir, FF_DIRSTREAM | FF_CLOEXEC);
	return d;
}

EXPORT DIR *fdopendir(int fd)
{
	__typeof__(real.fdopendir) f = REAL(fdopendir);
	struct thread *t = scope_enter();
	DIR *d;

	if (fd_hidden(fd)) {
		errno = EBADF;
		return NULL;
	}
	d = f(fd);
	if (d && t) {
		if (fd_kind(fd) == FDK_unknown)
			fd_learn(t, fd, FF_DIRSTREAM);
		fd_flags(fd, FF_DIRSTREAM, 0);
		fd_used(t, fd, 0);
	}
	return d;
}

EXPORT int closedir(DIR *d)
{
	__typeof__(real.closedir) f = REAL(closedir);
	struct thread *t = scope_enter();
	uintptr_t given = (uintptr_t)d;
	struct st_fd *row;
	bool was_open;
	int fd, rc, e;

	IN_HANDLER("closedir", 0);
	__asm__("" : "+r"(given)); /* the header says it can't be NULL, libc says EINVAL */
	if (!t || !given)
		return f(d);
	unsafe_forget(given);
	fd = dirfd(d);
	row = fd_get(fd);
	was_open = row && row->open;
	if (was_open) {
		bad_fd_closing(t, row, FF_DIRSTREAM, CALLER_PC());
		fd_died(t, fd);
	}
	rc = f(d);
	e = errno;
	if (unlikely(rc < 0 && e == EBADF && !was_open))
		bad_fd_closed(t, fd, CALLER_PC());
	errno = e;
	return rc;
}
