/* SPDX-License-Identifier: MIT */
/*
 * Owns: writing to streams. Single characters into the buffer cost one comparison; a flush is a
 * blocking call. See stdio.h.
 */
#include "wrap/stdio.h"

enum { WRITES = ROLE_SENDS };

#define PUTTER(name, params, args, fp, c)                                                          \
	EXPORT int name params                                                                     \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		struct io io;                                                                      \
		int r;                                                                             \
                                                                                                   \
		IN_HANDLER(#name, fp);                                                             \
		if (likely(!stream_flushes_char(fp, c)))                                           \
			return real_function args;                                                 \
		stream_enter(&io, CALL_fputc, fp, true, WRITES, CALLER_PC(), CALLER_SP());         \
		r = real_function args;                                                            \
		io_leave(&io, r == EOF ? -1 : 0);                                                  \
		return r;                                                                          \
	}
PUTTER(fputc, (int c, FILE *f), (c, f), f, c)
PUTTER(putc, (int c, FILE *f), (c, f), f, c)
PUTTER(_IO_putc, (int c, FILE *f), (c, f), f, c)
PUTTER(fputc_unlocked, (int c, FILE *f), (c, f), f, c)
PUTTER(putc_unlocked, (int c, FILE *f), (c, f), f, c)
PUTTER(putchar, (int c), (c), stdout, c)
PUTTER(putchar_unlocked, (int c), (c), stdout, c)
/* What the macro of putc_unlocked calls at the edge. */
PUTTER(__overflow, (FILE * f, int c), (f, c), f, c)

STREAM_SURE(int, fputs, (const char *restrict s, FILE *restrict f), (s, f), f, fputs,
	    stream_flushes(f, strlen(s)), WRITES, r < 0)
STREAM_SURE(int, fputs_unlocked, (const char *restrict s, FILE *restrict f), (s, f), f, fputs,
	    stream_flushes(f, strlen(s)), WRITES, r < 0)
STREAM_SURE(int, puts, (const char *s), (s), stdout, fputs, stream_flushes(stdout, strlen(s) + 1),
	    WRITES, r < 0)
ALIAS(_IO_fputs, fputs);
ALIAS(_IO_puts, puts);

STREAM_SURE(size_t, fwrite, (const void *restrict p, size_t n, size_t m, FILE *restrict f),
	    (p, n, m, f), f, fwrite, stream_flushes(f, n *m), WRITES, r < m)
STREAM_SURE(size_t, fwrite_unlocked, (const void *restrict p, size_t n, size_t m, FILE *restrict f),
	    (p, n, m, f), f, fwrite, stream_flushes(f, n *m), WRITES, r < m)
ALIAS(_IO_fwrite, fwrite);

/* ---- wide: their buffers are not looked at
 * ---------------------------------------------------------------------------------- */

STREAM(wint_t, fputwc, (wchar_t c, FILE *f), (c, f), f, fputc, true, WRITES, r == WEOF)
STREAM(wint_t, putwc, (wchar_t c, FILE *f), (c, f), f, fputc, true, WRITES, r == WEOF)
STREAM(wint_t, putwchar, (wchar_t c), (c), stdout, fputc, true, WRITES, r == WEOF)
STREAM(int, fputws, (const wchar_t *restrict s, FILE *restrict f), (s, f), f, fputs, true, WRITES,
       r < 0)

EXPORT void perror(const char *s)
{
	__typeof__(real.perror) real_function = REAL(perror);
	struct io io;

	IN_HANDLER("perror", stderr);
	stream_enter(&io, CALL_fprintf, stderr, true, WRITES, CALLER_PC(), CALLER_SP());
	real_function(s);
	io_leave(&io, 0);
}
