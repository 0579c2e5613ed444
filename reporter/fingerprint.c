/* SPDX-License-Identifier: MIT */
/* Fingerprints: see fingerprint.h. Called from rules/builder.c; not signal-safe. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fingerprint.h"
#include "util.h"

#define ROLE_FRAMES 3

static bool compiler_suffix(const char *s)
{
	static const char *const names[] = {".constprop", ".part",  ".isra",	   ".cold",
					    ".lto_priv",  ".clone", ".localalias", ".llvm"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(s, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

void function_normalise(const char *name, char *out, size_t size)
{
	int depth = 0;
	size_t n = 0;

	for (const char *c = name; *c && n + 1 < size; c++) {
		if (depth == 0 && strncmp(c, "operator", 8) == 0) { /* its name has < and ( in it */
			while (*c && n + 1 < size &&
			       (isalpha((unsigned char)*c) || strchr("<>=()[]-+*/%&|^!~", *c)))
				out[n++] = *c++;
			break;
		}
		if (depth == 0 &&
		    (compiler_suffix(c) || *c == '@' || strncmp(c, " [clone", 7) == 0))
			break;
		if (strncmp(c, "(anonymous namespace)", 21) == 0 && depth == 0) {
			n += (size_t)snprintf(out + n, size - n, "(anon)");
			n = n < size ? n : size - 1;
			c += 20;
			continue;
		}
		if (*c == '<' || *c == '(') {
			depth++;
			continue;
		}
		if ((*c == '>' || *c == ')') && depth) {
			depth--;
			continue;
		}
		if (depth)
			continue;
		if (*c == '#') { /* lambda numbers */
			while (isdigit((unsigned char)c[1]))
				c++;
			continue;
		}
		out[n++] = *c;
	}
	out[n] = '\0';
}

static bool append(char **to, const char *s)
{
	size_t old = *to ? strlen(*to) : 0;
	char *p = realloc(*to, old + strlen(s) + 1);

	if (!p)
		return false;
	strcpy(p + old, s);
	*to = p;
	return true;
}

static bool append_frame(char **to, const struct frame *f, bool *by_build)
{
	char name[512];

	if (f->function) {
		function_normalise(f->function, name, sizeof(name));
	} else {
		snprintf(name, sizeof(name), "%s+%llx",
			 f->build_id ? f->build_id
			 : f->module ? path_base(f->module)
				     : "?",
			 (unsigned long long)(f->begin ? f->begin : f->offset));
		*by_build = true;
	}
	return append(to, name) && append(to, "<");
}

char *role_of_frames(const struct frames *f, bool *by_build)
{
	char *s = NULL;
	u32 took = 0;

	for (u32 i = 0; i < f->n && took < ROLE_FRAMES; i++) {
		if (!f->f[i].program)
			continue;
		if (!append_frame(&s, &f->f[i], by_build))
			return s;
		took++;
	}
	if (!took && f->n)
		append_frame(&s, &f->f[0], by_build);
	if (!s)
		append(&s, "-");
	return s;
}

static u64 fnv(const char *s, u64 h)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3ull;
	return h ^ h >> 29;
}

void fingerprint_hex(const char *text, char out[33])
{
	snprintf(out, 33, "%016llx%016llx", (unsigned long long)fnv(text, 0xcbf29ce484222325ull),
		 (unsigned long long)fnv(text, 0x84222325cbf29ce4ull));
}

static int rotation_compare(char *const *m, unsigned n, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < n; i++) {
		int c = strcmp(m[(a + i) % n], m[(b + i) % n]);

		if (c)
			return c;
	}
	return 0;
}

unsigned cycle_first(char *const *member, unsigned n)
{
	unsigned best = 0;

	for (unsigned i = 1; i < n; i++)
		if (rotation_compare(member, n, i, best) < 0)
			best = i;
	return best;
}
