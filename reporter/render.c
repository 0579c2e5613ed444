/* SPDX-License-Identifier: MIT */
/*
 * Formats, where a report goes, and small words both renderers use (render.h). Owns nothing; called
 * from cmd_*.c; not signal-safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "render.h"
#include "render_priv.h"
#include "suppress.h"
#include "util.h"

/* NULL: no name of its own. */
static const char *const names[] = {
    [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_DOT] = "dot", [FORMAT_SVG] = "svg"};

int format_parse(const char *name, enum format *out)
{
	static const char *const planned[] = {"html", "sarif", "perfetto", "folded", "junit"};

	*out = FORMAT_TEXT;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum format)i;
			return 0;
		}
	}
	for (size_t i = 0; i < sizeof(planned) / sizeof(*planned); i++)
		if (strcmp(planned[i], name) == 0)
			return -ENOSYS;
	return -EINVAL;
}

bool format_is_picture(enum format f)
{
	return f == FORMAT_DOT || f == FORMAT_SVG;
}

int format_of_file(const char *path, enum format *out)
{
	const char *dot = strrchr(path_base(path), '.');
	int rc = dot ? format_parse(dot + 1, out) : 0;

	if (!dot || rc == -EINVAL) {
		*out = FORMAT_TEXT;
		return 0;
	}
	return rc;
}

void format_complain(const char *name, int err)
{
	if (err == -ENOSYS)
		fprintf(stderr, "pitfall: format '%s' is not built yet (text, json, dot, svg)\n",
			name);
	else
		fprintf(stderr, "pitfall: unknown format '%s' (text, json, dot, svg)\n", name);
}

bool render_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(to)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

const char *duration_text(u64 ns, char *buf, size_t size)
{
	double s = (double)ns / 1e9;

	if (ns < 1000)
		snprintf(buf, size, "%u ns", (unsigned)ns);
	else if (ns < 1000000)
		snprintf(buf, size, "%.4g µs", s * 1e6);
	else if (ns < 1000000000)
		snprintf(buf, size, "%.4g ms", s * 1e3);
	else if (s < 60)
		snprintf(buf, size, "%.3g s", s);
	else if (s < 3600)
		snprintf(buf, size, "%u min %u s", (unsigned)s / 60, (unsigned)s % 60);
	else
		snprintf(buf, size, "%llu h %u min", (unsigned long long)(s / 3600),
			 (unsigned)((u64)s / 60 % 60));
	return buf;
}

int report_render(const struct report *r, enum format f, FILE *to, const struct render_options *o)
{
	int rc = f == FORMAT_JSON	    ? render_json(r, to)
		 : f == FORMAT_DOT	    ? render_dot(r, to)
		 : f == FORMAT_SVG	    ? render_svg(r, to)
		 : f == FORMAT_SUPPRESSIONS ? render_suppressions(r, to)
					    : render_text(r, to, o);

	if (rc == 0 && (fflush(to) != 0 || ferror(to)))
		rc = errno ? -errno : -EIO;
	return rc;
}

static int write_beside(const struct report *r, enum format f, const char *file,
			const struct render_options *o)
{
	char *temp;
	FILE *to;
	int rc, fd;

	if (asprintf(&temp, "%s.XXXXXX", file) < 0)
		return -ENOMEM;
	fd = mkstemp(temp);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!to) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		free(temp);
		return rc;
	}
	rc = fchmod(fd, 0644) != 0 ? -errno : report_render(r, f, to, o);
	if (fclose(to) != 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(temp, file) != 0)
		rc = -errno;
	if (rc)
		unlink(temp);
	free(temp);
	return rc;
}

int report_write(const struct report *r, enum format f, const char *file,
		 const struct render_options *o)
{
	struct stat st;
	FILE *to;
	int rc;

	if (!file || strcmp(file, "-") == 0)
		return report_render(r, f, stdout, o);
	if (stat(file, &st) != 0 || S_ISREG(st.st_mode))
		return write_beside(r, f, file, o);
	to = fopen(file, "we"); /* a pipe, /dev/stderr … */
	if (!to)
		return -errno;
	rc = report_render(r, f, to, o);
	if (fclose(to) != 0 && rc == 0)
		rc = -errno;
	return rc;
}
