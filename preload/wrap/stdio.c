/* SPDX-License-Identifier: MIT */
/*
 * Owns: births and deaths of the descriptors that belong to streams (libc opens and closes them out
 * of our sight: G5), flushing, the streams' locks. Reading is in stdio_get.c, writing in
 * stdio_put.c, formats in stdio_fmt.c.
 */
#include "wrap/stdio.h"

static struct st_fd no_row; /* stands for "not looked up" */

void stream_enter(struct io *io, u32 call, const FILE *f, bool edge, u32 how, uintptr_t pc,
		  uintptr_t sp)
{
	int fd = f ? f->_fileno : -1;
	struct wait w = {.call = call, .fd = fd};
	struct st_fd *row;
	struct thread *t;

	if (unlikely(edge)) {
		io_enter(io, call, fd, how, pc, sp);
		return;
	}
	t = scope_enter();
	io->b.t = t;
	io->b.fd = fd;
	io->b.hold.since = 0;
	io->how = IO_QUIET;
	io->f = &no_row;
	if (unlikely(t == NULL))
		return;
	row = fd_get(fd);
	if (row)
		fd_used_late(row);
	wait_begin(t, &io->b.outer, &w, pc, sp, 0);
}

/* ---- opening
 * -------------------------------------------------------------------------------------------------------------
 */

static FILE *stream_made(struct thread *t, FILE *f, enum fd_kind kind, u32 flags)
{
	int fd = f ? f->_fileno : -1;

	if (!f)
		fd_made(t, -1, kind, 0);
	else if (fd >= 0)
		fd_made(t, fd, kind, flags | FF_STREAM);
	return f;
}

static u32 flags_of(const char *mode)
{
	u32 flags = mode[0] == 'r' ? FF_RDONLY : FF_WRONLY;

	for (const char *c = mode; *c && *c != ','; c++) {
		if (*c == '+')
			flags &= ~(u32)(FF_RDONLY | FF_WRONLY);
		if (*c == 'e')
			flags |= FF_CLOEXEC;
	}
	return flags;
}

#define FOPEN(name)                                                                                \
	EXPORT FILE *name(const char *restrict path, const char *restrict mode)                    \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		struct io io;                                                                      \
		FILE *f;                                                                           \
                                                                                                   \
		IN_HANDLER(#name, 0);                                                              \
		io_enter(&io, CALL_fopen, -1, IO_QUIET, CALLER_PC(), CALLER_SP());                 \
		f = real_function(path, mode);                                                     \
		io_leave(&io, f ? 0 : -1);                                                         \
		return stream_made(io.b.t, f, FDK_file, f ? flags_of(mode) | FF_UNSURE : 0);       \
	}
FOPEN(fopen)
FOPEN(fopen64)
ALIAS(_IO_fopen, fopen);

EXPORT FILE *fdopen(int fd, const char *mode)
{
	__typeof__(real.fdopen) real_function = REAL(fdopen);
	struct thread *t = scope_enter();
	FILE *f;

	IN_HANDLER("fdopen", 0);
	if (fd_hidden(fd)) {
		errno = EBADF;
		return NULL;
	}
	f = real_function(fd, mode);
	if (f && t) {
		if (!fd_is_open(fd))
			fd_learn(t, fd, FF_STREAM);
		fd_flags(fd, FF_STREAM, 0);
		fd_used(t, fd, 0);
	}
	return f;
}
ALIAS(_IO_fdopen, fdopen);

#define TMPFILE(name)                                                                              \
	EXPORT FILE *name(void)                                                                    \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		struct thread *t = scope_enter();                                                  \
                                                                                                   \
		IN_HANDLER(#name, 0);                                                              \
		return stream_made(t, real_function(), FDK_file, 0);                               \
	}
TMPFILE(tmpfile)
TMPFILE(tmpfile64)

/* The stream keeps its number where it can; where opening fails it is closed. */
static FILE *reopened(struct io *io, FILE *f, const char *mode, int was, u32 gen)
{
	struct thread *t = io->b.t;
	struct st_fd *row;

	io_leave(io, f ? 0 : -1);
	if (!t)
		return f;
	row = fd_get(was);
	if (row && row->open && row->gen == gen && (!f || f->_fileno >= 0))
		fd_died(t, was);
	return stream_made(t, f, FDK_file, f ? flags_of(mode) | FF_UNSURE : 0);
}
#define FREOPEN(name)                                                                              \
	EXPORT FILE *name(const char *restrict path, const char *restrict mode, FILE *restrict f)  \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		int was = f->_fileno;                                                              \
		struct st_fd *row;                                                                 \
		struct io io;                                                                      \
		u32 gen;                                                                           \
                                                                                                   \
		IN_HANDLER(#name, f);                                                              \
		io_enter(&io, CALL_fopen, was, IO_QUIET, CALLER_PC(), CALLER_SP());                \
		row = io.b.t ? fd_get(was) : NULL;                                                 \
		gen = row ? row->gen : 0;                                                          \
		return reopened(&io, real_function(path, mode, f), mode, was, gen);                \
	}
FREOPEN(freopen)
FREOPEN(freopen64)

EXPORT FILE *popen(const char *command, const char *mode)
{
	__typeof__(real.popen) real_function = REAL(popen);
	struct io io;
	FILE *f;

	IN_HANDLER("popen", 0);
	io_enter(&io, CALL_popen, -1, IO_QUIET, CALLER_PC(), CALLER_SP());
	f = real_function(command, mode);
	io_leave(&io, f ? 0 : -1);
	return stream_made(io.b.t, f, FDK_pipe, mode[0] == 'r' ? FF_RDONLY : FF_WRONLY);
}
ALIAS(_IO_popen, popen);

/* ---- closing
 * --------------------------------------------------------------------------------------------------------------
 */

static int closed(struct io *io, int fd, bool was_open, int rc, uintptr_t pc)
{
	int e = errno;

	io_leave(io, rc);
	if (unlikely(rc < 0 && e == EBADF && fd >= 0) && io->b.t) {
		if (was_open)
			fd_revive(fd); /* its close was not seen */
		else
			bad_fd_closed(io->b.t, fd, pc);
	}
	errno = e;
	return rc;
}
static bool dies(struct io *io, int fd, uintptr_t pc)
{
	if (!io->b.t || fd < 0 || !io->f || !io->f->open)
		return false;
	bad_fd_closing(io->b.t, io->f, FF_STREAM, pc);
	fd_died(io->b.t, fd);
	return true;
}

EXPORT int fclose(FILE *f)
{
	__typeof__(real.fclose) real_function = REAL(fclose);
	int fd = f->_fileno;
	struct io io;
	bool was_open;

	IN_HANDLER("fclose", f);
	io_enter(&io, CALL_fclose, fd, IO_QUIET, CALLER_PC(), CALLER_SP());
	was_open = dies(&io, fd, CALLER_PC());
	return closed(&io, fd, was_open, real_function(f), CALLER_PC());
}
ALIAS(_IO_fclose, fclose);

/* Waits for the child. */
EXPORT int pclose(FILE *f)
{
	__typeof__(real.pclose) real_function = REAL(pclose);
	int fd = f->_fileno;
	struct io io;
	bool was_open;

	IN_HANDLER("pclose", f);
	io_enter(&io, CALL_pclose, fd, IO_QUIET, CALLER_PC(), CALLER_SP());
	was_open = dies(&io, fd, CALLER_PC());
	return closed(&io, fd, was_open, real_function(f), CALLER_PC());
}

/* glibc's only flushes all streams; their descriptors stay open. */
STREAM(int, fcloseall, (void), (), NULL, fclose, true, IO_QUIET, r < 0)

/* ---- flushing, locks
 * ------------------------------------------------------------------------------------------------------
 */

STREAM(int, fflush, (FILE * f), (f), f, fflush, !f || f->_IO_write_ptr > f->_IO_write_base,
       f ? ROLE_SENDS : 0, r < 0)
STREAM(int, fflush_unlocked, (FILE * f), (f), f, fflush, !f || f->_IO_write_ptr > f->_IO_write_base,
       f ? ROLE_SENDS : 0, r < 0)

EXPORT void flockfile(FILE *f)
{
	__typeof__(real.flockfile) real_function = REAL(flockfile);
	struct thread *t = scope_enter();
	struct wait w = {.call = CALL_flockfile, .addr = (u64)f, .fd = f->_fileno};
	struct wait_outer outer;

	if (!t) {
		real_function(f);
		return;
	}
	IN_HANDLER("flockfile", f);
	if (REAL(ftrylockfile)(f) == 0) /* the same lock, taken the same way */
		return;
	wait_begin(t, &outer, &w, CALLER_PC(), CALLER_SP(), clock_now());
	real_function(f);
	wait_end(t, &outer);
}
ALIAS(_IO_flockfile, flockfile);

EXPORT int ftrylockfile(FILE *f)
{
	return REAL(ftrylockfile)(f);
}
EXPORT void funlockfile(FILE *f)
{
	REAL(funlockfile)(f);
}
