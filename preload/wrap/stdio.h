/* SPDX-License-Identifier: MIT */
/*
 * What the wrappers of stdio share. Only the edge of a stream's buffer is a blocking call: where a
 * buffer has what is asked for, or room for it, a bare record of the call is made (no clock, no
 * table), and none at all for single characters. Reads glibc's public buffer pointers without the
 * stream's lock, as getc_unlocked's macro does: a guess of what will come, never followed.
 */
#ifndef WRAP_STDIO_H
#define WRAP_STDIO_H

#include "detect/handlers.h"
#include "wrap/fd.h"

/* bits/stdio.h makes macros of them */
#undef fread_unlocked
#undef fwrite_unlocked

enum {
	STREAM_LINE = 0x200,
	STREAM_UNBUFFERED = 0x2,
	STREAM_PUTTING = 0x800
}; /* glibc's FILE._flags, ABI since 2.1 */
enum { GUESS_LINE = 128, GUESS_PRINT = 512 };

/* May reading `n` bytes need a refill? */
static inline bool stream_refills(const FILE *f, size_t n)
{
	return (size_t)(f->_IO_read_end - f->_IO_read_ptr) < n || !f->_IO_read_end;
}
/* May writing `n` bytes need a flush? */
static inline bool stream_flushes(const FILE *f, size_t n)
{
	return (f->_flags & (STREAM_LINE | STREAM_UNBUFFERED | STREAM_PUTTING)) != STREAM_PUTTING ||
	       (size_t)(f->_IO_buf_end - f->_IO_write_ptr) <= n;
}
/* Is there no whole line in the buffer, up to the delimiter and at most `n` bytes? Looks only
 * inside the buffer, whatever another thread does to the pointers meanwhile. */
static inline bool stream_has_no_line(const FILE *f, size_t n, int delimiter)
{
	const char *from = f->_IO_read_ptr, *to = f->_IO_read_end;

	if (from >= to || from < f->_IO_buf_base || to > f->_IO_buf_end)
		return true;
	if (n <= (size_t)(to - from))
		return false;
	return !memchr(from, delimiter, (size_t)(to - from));
}
/* One character: in a line-buffered stream only a newline flushes. */
static inline bool stream_flushes_char(const FILE *f, int c)
{
	if (likely(f->_IO_write_ptr < f->_IO_write_end))
		return false;
	return (f->_flags & (STREAM_LINE | STREAM_PUTTING)) != (STREAM_LINE | STREAM_PUTTING) ||
	       c == '\n' || f->_IO_write_ptr >= f->_IO_buf_end;
}

/* io_enter() for a stream; a bare record where `edge` is false. `f` may be NULL. */
void stream_enter(struct io *io, u32 call, const FILE *f, bool edge, u32 how, uintptr_t pc,
		  uintptr_t sp);

/* A whole wrapper. `failed`: of its result r. STREAM_SURE where `edge` is no guess: away from it
 * nothing is recorded. */
#define STREAM(type, name, params, args, fp, call, edge, how, failed)                              \
	STREAM_OF(type, name, params, args, fp, call, edge, how, failed, false)
#define STREAM_SURE(type, name, params, args, fp, call, edge, how, failed)                         \
	STREAM_OF(type, name, params, args, fp, call, edge, how, failed, !(edge))
#define STREAM_OF(type, name, params, args, fp, call, edge, how, failed, straight)                 \
	EXPORT type name params                                                                    \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		struct io io;                                                                      \
		type r;                                                                            \
                                                                                                   \
		IN_HANDLER(#name, fp);                                                             \
		if (straight)                                                                      \
			return real_function args;                                                 \
		stream_enter(&io, CALL_##call, fp, edge, how, CALLER_PC(), CALLER_SP());           \
		r = real_function args;                                                            \
		io_leave(&io, (failed) ? -1 : 0);                                                  \
		return r;                                                                          \
	}

#endif
