/* SPDX-License-Identifier: MIT */
/*
 * A file of lines that nobody vouches for: long, torn, binary, endless. Owns the buffer while it
 * reads, no meaning. Called from reader.c and jsonl.c; not signal-safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jsonl.h"

struct lines {
	int fd;
	char *buf; /* LINE_BYTES_MAX + 1 */
	size_t have;
	long base;     /* file offset of buf[0] */
	unsigned line; /* number of the next line */
	bool skipping; /* inside a line that is too long */
};

void diag_say(struct diag_out *d, const char *file, unsigned line, const char *fmt, ...)
{
	va_list ap;
	char where[16] = "";

	if (!d)
		return;
	d->said++;
	if (++d->here > 20 || !d->to)
		return;
	if (line)
		snprintf(where, sizeof(where), ":%u", line);
	fprintf(d->to, "pitfall: %s%s: ", file, where);
	va_start(ap, fmt);
	vfprintf(d->to, fmt, ap);
	va_end(ap);
	fprintf(d->to, "%s\n",
		d->here == 20 ? " (further complaints are counted, not printed)" : "");
}

typedef int line_fn(void *arg, char *line, size_t len, unsigned number, long offset, bool ended);

/* Hands out the whole lines in the buffer, and at the end of the file what is left. */
static int lines_drain(struct lines *l, bool last, line_fn *fn, void *arg)
{
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && at < l->have) {
		char *end = memchr(l->buf + at, '\n', l->have - at);
		size_t len = (end ? (size_t)(end - l->buf) : l->have) - at;

		if (!end && !last)
			break;
		if (len && !l->skipping) {
			l->buf[at + len] = '\0';
			rc = fn(arg, l->buf + at, len, l->line, l->base + (long)at, end != NULL);
		}
		l->skipping = false;
		l->line++;
		at += len + (end ? 1 : 0);
	}
	memmove(l->buf, l->buf + at, l->have - at);
	l->have -= at;
	l->base += (long)at;
	return rc;
}

int lines_each(const char *path, struct diag_out *d, line_fn *fn, void *arg)
{
	struct lines l = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
			  .line = 1};
	struct stat st;
	int rc = 0;

	if (l.fd < 0)
		return -errno;
	if (fstat(l.fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	l.buf = malloc(LINE_BYTES_MAX + 1);
	if (!l.buf)
		rc = -ENOMEM;
	while (rc == 0) {
		ssize_t n = read(l.fd, l.buf + l.have, LINE_BYTES_MAX - l.have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = -errno;
		if (n <= 0)
			break;
		l.have += (size_t)n;
		rc = lines_drain(&l, false, fn, arg);
		if (l.have == LINE_BYTES_MAX) { /* no end in sight */
			if (!l.skipping)
				diag_say(d, path, l.line, "line longer than %u bytes, skipped",
					 LINE_BYTES_MAX);
			l.skipping = true;
			l.base += (long)l.have;
			l.have = 0;
		}
	}
	if (rc == 0)
		rc = lines_drain(&l, true, fn, arg);
	free(l.buf);
	close(l.fd);
	return rc;
}

json_t *line_parse(const char *line, size_t len, const char *path, unsigned number, bool ended,
		   struct diag_out *d)
{
	json_error_t e;
	json_t *js = json_loadb(line, len, 0, &e);

	if (!js && json_error_code(&e) == json_error_numeric_overflow) /* addresses past 2^63 */
		js = json_loadb(line, len, JSON_DECODE_INT_AS_REAL, &e);
	if (!js && !ended)
		diag_say(d, path, number, "the last line is cut short, left out");
	else if (!js)
		diag_say(d, path, number, "not JSON (%s at column %d), left out", e.text, e.column);
	return js;
}
