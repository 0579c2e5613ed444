/* SPDX-License-Identifier: MIT */
/* Lines of source files: see source.h. Called from render_text.c; not signal-safe. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "source.h"

#define FILES	  8
#define BYTES_MAX (16 << 20)

struct source {
	char *path, *text; /* text NULL: not to be had */
	size_t size;
	unsigned used;
};

/* A trace names its source files; it must not make us show others. */
static bool looks_like_source(const char *path)
{
	static const char *const ends[] = {".c",   ".h",   ".cc",  ".hh",  ".cpp", ".hpp",
					   ".cxx", ".hxx", ".c++", ".ipp", ".inl", ".tcc",
					   ".rs",  ".y",   ".l",   ".m",   ".d",   ".S"};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(ends) / sizeof(*ends); i++)
		if (strcasecmp(dot, ends[i]) == 0)
			return true;
	return false;
}

static void source_read(struct source *s)
{
	int fd = looks_like_source(s->path)
		     ? open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
		     : -1;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size < BYTES_MAX)
		s->text = malloc((size_t)st.st_size);
	if (s->text)
		n = pread(fd, s->text, (size_t)st.st_size, 0);
	close(fd);
	if (n <= 0) {
		free(s->text);
		s->text = NULL;
	}
	s->size = n > 0 ? (size_t)n : 0;
}

static struct source *source_get(const char *path)
{
	static struct source cache[FILES];
	static unsigned clock;
	struct source *oldest = &cache[0];

	for (int i = 0; i < FILES; i++) {
		if (cache[i].path && strcmp(cache[i].path, path) == 0) {
			cache[i].used = ++clock;
			return &cache[i];
		}
		if (cache[i].used < oldest->used)
			oldest = &cache[i];
	}
	free(oldest->path);
	free(oldest->text);
	*oldest = (struct source){.path = strdup(path), .used = ++clock};
	if (oldest->path)
		source_read(oldest);
	return oldest;
}

const char *source_line(const char *path, int number, int *len)
{
	const struct source *s = path && number > 0 ? source_get(path) : NULL;
	const char *at = s ? s->text : NULL, *end = at ? at + s->size : NULL, *nl;

	for (; at && --number; at = nl ? nl + 1 : NULL)
		nl = memchr(at, '\n', (size_t)(end - at));
	if (!at || at >= end)
		return NULL;
	nl = memchr(at, '\n', (size_t)(end - at));
	*len = (int)((nl ? nl : end) - at);
	return at;
}
