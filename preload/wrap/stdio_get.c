/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading from streams. Single characters out of the buffer cost one comparison; a refill is
 * a blocking call. See stdio.h.
 */
#include "wrap/stdio.h"

enum { READS = ROLE_RECEIVES };

/* EOF is no failure; a real one shows in the stream's error flag, EBADF in errno. */
#define GETTER(name, fp, edge)                                                                     \
	EXPORT int name(FILE *fp)                                                                  \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		struct io io;                                                                      \
		int c;                                                                             \
                                                                                                   \
		IN_HANDLER(#name, fp);                                                             \
		if (likely(!(edge)))                                                               \
			return real_function(fp);                                                  \
		stream_enter(&io, CALL_fgetc, fp, true, READS, CALLER_PC(), CALLER_SP());          \
		c = real_function(fp);                                                             \
		io_leave(&io, c == EOF && fp->_flags & 0x20 ? -1 : 0);                             \
		return c;                                                                          \
	}
GETTER(fgetc, f, f->_IO_read_ptr >= f->_IO_read_end)
GETTER(getc, f, f->_IO_read_ptr >= f->_IO_read_end)
GETTER(_IO_getc, f, f->_IO_read_ptr >= f->_IO_read_end)
GETTER(fgetc_unlocked, f, f->_IO_read_ptr >= f->_IO_read_end)
GETTER(getc_unlocked, f, f->_IO_read_ptr >= f->_IO_read_end)
/* What the macros of getc_unlocked call at the edge. */
GETTER(__uflow, f, f->_IO_read_ptr >= f->_IO_read_end)
GETTER(__underflow, f, f->_IO_read_ptr >= f->_IO_read_end)

#define STDIN_GETTER(name)                                                                         \
	EXPORT int name(void)                                                                      \
	{                                                                                          \
		__typeof__(real.name) real_function = REAL(name);                                  \
		struct io io;                                                                      \
		int c;                                                                             \
                                                                                                   \
		IN_HANDLER(#name, stdin);                                                          \
		if (likely(stdin->_IO_read_ptr < stdin->_IO_read_end))                             \
			return real_function();                                                    \
		stream_enter(&io, CALL_fgetc, stdin, true, READS, CALLER_PC(), CALLER_SP());       \
		c = real_function();                                                               \
		io_leave(&io, c == EOF && stdin->_flags & 0x20 ? -1 : 0);                          \
		return c;                                                                          \
	}
STDIN_GETTER(getchar)
STDIN_GETTER(getchar_unlocked)

#define FGETS(name, params, args)                                                                  \
	STREAM_SURE(char *, name, params, args, f, fgets,                                          \
		    stream_has_no_line(f, n > 0 ? (size_t)n - 1 : 0, '\n'), READS,                 \
		    !r && f->_flags & 0x20)
FGETS(fgets, (char *restrict s, int n, FILE *restrict f), (s, n, f))
FGETS(fgets_unlocked, (char *restrict s, int n, FILE *restrict f), (s, n, f))
FGETS(__fgets_chk, (char *restrict s, size_t size, int n, FILE *restrict f), (s, size, n, f))
FGETS(__fgets_unlocked_chk, (char *restrict s, size_t size, int n, FILE *restrict f),
      (s, size, n, f))
ALIAS(_IO_fgets, fgets);

#define FREAD(name, params, args)                                                                  \
	STREAM_SURE(size_t, name, params, args, f, fread, stream_refills(f, n *m), READS,          \
		    r < m && f->_flags & 0x20)
FREAD(fread, (void *restrict p, size_t n, size_t m, FILE *restrict f), (p, n, m, f))
FREAD(fread_unlocked, (void *restrict p, size_t n, size_t m, FILE *restrict f), (p, n, m, f))
FREAD(__fread_chk, (void *restrict p, size_t size, size_t n, size_t m, FILE *restrict f),
      (p, size, n, m, f))
FREAD(__fread_unlocked_chk, (void *restrict p, size_t size, size_t n, size_t m, FILE *restrict f),
      (p, size, n, m, f))
ALIAS(_IO_fread, fread);

#define GETLINE(name, params, args, d)                                                             \
	STREAM_SURE(ssize_t, name, params, args, f, getline, stream_has_no_line(f, SIZE_MAX, d),   \
		    READS, r < 0 && f->_flags & 0x20)
GETLINE(getline, (char **restrict s, size_t *restrict n, FILE *restrict f), (s, n, f), '\n')
GETLINE(getdelim, (char **restrict s, size_t *restrict n, int d, FILE *restrict f), (s, n, d, f), d)
GETLINE(__getdelim, (char **restrict s, size_t *restrict n, int d, FILE *restrict f), (s, n, d, f),
	d)

/* ---- wide: their buffers are not looked at
 * ---------------------------------------------------------------------------------- */

STREAM(wint_t, fgetwc, (FILE * f), (f), f, fgetc, true, READS, r == WEOF && f->_flags & 0x20)
STREAM(wint_t, getwc, (FILE * f), (f), f, fgetc, true, READS, r == WEOF && f->_flags & 0x20)
STREAM(wint_t, getwchar, (void), (), stdin, fgetc, true, READS, r == WEOF && stdin->_flags & 0x20)
STREAM(wchar_t *, fgetws, (wchar_t *restrict s, int n, FILE *restrict f), (s, n, f), f, fgets, true,
       READS, !r && f->_flags & 0x20)
