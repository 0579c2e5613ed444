/* SPDX-License-Identifier: MIT */
/*
 * Owns: formatted input and output on streams and descriptors. A variadic form goes on to its
 * va_list twin, which libc's own does as well. See stdio.h.
 */
#include "wrap/stdio.h"

#include <stdarg.h>

enum { READS = ROLE_RECEIVES, WRITES = ROLE_SENDS };

/* name(params, ...) by twin(args, ap); last: the parameter before the dots. */
#define PRINTF(...) PRINTF_OF(__VA_ARGS__) /* the last four come as one */
#define PRINTF_OF(name, params, last, twin, args, fp, edge, call, how)                             \
	EXPORT int name params                                                                     \
	{                                                                                          \
		__typeof__(real.twin) real_function = REAL(twin);                                  \
		struct io io;                                                                      \
		va_list ap;                                                                        \
		int r;                                                                             \
                                                                                                   \
		IN_HANDLER(#name, fp);                                                             \
		stream_enter(&io, CALL_##call, fp, edge, how, CALLER_PC(), CALLER_SP());           \
		va_start(ap, last);                                                                \
		r = real_function args;                                                            \
		va_end(ap);                                                                        \
		io_leave(&io, r < 0 ? -1 : 0);                                                     \
		return r;                                                                          \
	}
#define OUT(f) f, stream_flushes(f, GUESS_PRINT), fprintf, WRITES
PRINTF(fprintf, (FILE *restrict f, const char *restrict fmt, ...), fmt, vfprintf, (f, fmt, ap),
       OUT(f))
PRINTF(printf, (const char *restrict fmt, ...), fmt, vfprintf, (stdout, fmt, ap), OUT(stdout))
PRINTF(__fprintf_chk, (FILE * f, int flag, const char *fmt, ...), fmt, __vfprintf_chk,
       (f, flag, fmt, ap), OUT(f))
PRINTF(__printf_chk, (int flag, const char *fmt, ...), fmt, __vfprintf_chk, (stdout, flag, fmt, ap),
       OUT(stdout))
ALIAS(_IO_fprintf, fprintf);
ALIAS(_IO_printf, printf);

#define VPRINTF(name, params, args, f)                                                             \
	STREAM(int, name, params, args, f, fprintf, stream_flushes(f, GUESS_PRINT), WRITES, r < 0)
VPRINTF(vfprintf, (FILE *restrict f, const char *restrict fmt, va_list ap), (f, fmt, ap), f)
VPRINTF(vprintf, (const char *restrict fmt, va_list ap), (fmt, ap), stdout)
VPRINTF(__vfprintf_chk, (FILE * f, int flag, const char *fmt, va_list ap), (f, flag, fmt, ap), f)
VPRINTF(__vprintf_chk, (int flag, const char *fmt, va_list ap), (flag, fmt, ap), stdout)
ALIAS(_IO_vfprintf, vfprintf);

/* ---- to a descriptor
 * ---------------------------------------------------------------------------------------------------------
 */

#define DPRINTF(name, params, last, twin, args)                                                    \
	EXPORT int name params                                                                     \
	{                                                                                          \
		__typeof__(real.twin) real_function = REAL(twin);                                  \
		struct io io;                                                                      \
		va_list ap;                                                                        \
		int r;                                                                             \
                                                                                                   \
		io_enter(&io, CALL_write, fd, WRITES, CALLER_PC(), CALLER_SP());                   \
		va_start(ap, last);                                                                \
		r = real_function args;                                                            \
		va_end(ap);                                                                        \
		io_leave(&io, r);                                                                  \
		return r;                                                                          \
	}
DPRINTF(dprintf, (int fd, const char *restrict fmt, ...), fmt, vdprintf, (fd, fmt, ap))
DPRINTF(__dprintf_chk, (int fd, int flag, const char *fmt, ...), fmt, __vdprintf_chk,
	(fd, flag, fmt, ap))
IO(int, vdprintf, (int fd, const char *restrict fmt, va_list ap), (fd, fmt, ap), write, fd, WRITES)
IO(int, __vdprintf_chk, (int fd, int flag, const char *fmt, va_list ap), (fd, flag, fmt, ap), write,
   fd, WRITES)

/* ---- input: EOF is no failure of the descriptor
 * -------------------------------------------------------------------------------- */

#define IN(f) f, stream_refills(f, GUESS_LINE), fscanf, READS
PRINTF(fscanf, (FILE *restrict f, const char *restrict fmt, ...), fmt, vfscanf, (f, fmt, ap), IN(f))
PRINTF(scanf, (const char *restrict fmt, ...), fmt, vfscanf, (stdin, fmt, ap), IN(stdin))
PRINTF(__isoc99_fscanf, (FILE *restrict f, const char *restrict fmt, ...), fmt, __isoc99_vfscanf,
       (f, fmt, ap), IN(f))
PRINTF(__isoc99_scanf, (const char *restrict fmt, ...), fmt, __isoc99_vfscanf, (stdin, fmt, ap),
       IN(stdin))
PRINTF(__isoc23_fscanf, (FILE *restrict f, const char *restrict fmt, ...), fmt, __isoc23_vfscanf,
       (f, fmt, ap), IN(f))
PRINTF(__isoc23_scanf, (const char *restrict fmt, ...), fmt, __isoc23_vfscanf, (stdin, fmt, ap),
       IN(stdin))

#define VSCANF(name, params, args, f)                                                              \
	STREAM(int, name, params, args, f, fscanf, stream_refills(f, GUESS_LINE), READS, false)
VSCANF(vfscanf, (FILE *restrict f, const char *restrict fmt, va_list ap), (f, fmt, ap), f)
VSCANF(vscanf, (const char *restrict fmt, va_list ap), (fmt, ap), stdin)
VSCANF(__isoc99_vfscanf, (FILE *restrict f, const char *restrict fmt, va_list ap), (f, fmt, ap), f)
VSCANF(__isoc99_vscanf, (const char *restrict fmt, va_list ap), (fmt, ap), stdin)
VSCANF(__isoc23_vfscanf, (FILE *restrict f, const char *restrict fmt, va_list ap), (f, fmt, ap), f)
VSCANF(__isoc23_vscanf, (const char *restrict fmt, va_list ap), (fmt, ap), stdin)
