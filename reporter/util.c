/* SPDX-License-Identifier: MIT */
/* Strings that came from outside, made fit to print, and arrays that grow. Not signal-safe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util.h"

/* Length of the UTF-8 sequence at S, 0 if it is none (overlong, surrogate, past U+10FFFF). */
static int utf8_length(const unsigned char *s)
{
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	int n = s[0] < 0x80	  ? 1
		: s[0] >> 5 == 6  ? 2
		: s[0] >> 4 == 14 ? 3
		: s[0] >> 3 == 30 ? 4
				  : 0;
	unsigned c = n > 1 ? s[0] & (0x7f >> n) : s[0];

	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (n > 1 && (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c < 0xa0))
		return 0;
	return n;
}

char *text_clean(char *s)
{
	for (char *c = s; c && *c;) {
		int n = utf8_length((const unsigned char *)c);

		if (n == 0 || (n == 1 && ((unsigned char)*c < 0x20 || *c == 0x7f))) {
			*c = '?';
			n = 1;
		}
		c += n;
	}
	return s;
}

char *text_dup(const char *s)
{
	return text_clean(strdup(s ? s : ""));
}

char *text_vformat(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? NULL : text_clean(s);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int array_room(void **array, unsigned n, unsigned *cap, size_t size, unsigned max)
{
	unsigned want = *cap ? *cap : 16;
	void *p;

	if (n < *cap)
		return 0;
	if (n >= max)
		return -ENOSPC;
	while (want <= n)
		want *= 2;
	p = realloc(*array, (size_t)want * size);
	if (!p)
		return -ENOMEM;
	*array = p;
	*cap = want;
	return 0;
}
