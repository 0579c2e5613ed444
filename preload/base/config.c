/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading "name=value:name=value". Knows nothing of what settings mean. Called once, before
 * the program's threads.
 */
#include "base/config.h"

#include <errno.h>
#include <string.h>

struct config config;

enum type { FLAG, INT, TEXT, MODE };
static const struct setting {
	const char *name, *def;
	enum type type;
	long min, max;
	void *at;
} settings[] = {
#define S(name, type, def, min, max, unit, doc) {#name, def, type, min, max, &config.name},
#include "settings.def"
#undef S
};

static bool same(const char *word, const char *s, size_t n)
{
	return strlen(word) == n && memcmp(word, s, n) == 0;
}

static bool set_int(const struct setting *s, const char *v, size_t n)
{
	long x = 0;

	if (n == 0 || n > 12)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (v[i] < '0' || v[i] > '9')
			return false;
		x = x * 10 + (v[i] - '0');
	}
	if (x < s->min || x > s->max)
		return false;
	*(long *)s->at = x;
	return true;
}

static bool set_value(const struct setting *s, const char *v, size_t n)
{
	switch (s->type) {
	case FLAG:
		if (!same("yes", v, n) && !same("no", v, n) && !same("1", v, n) && !same("0", v, n))
			return false;
		*(bool *)s->at = *v == 'y' || *v == '1';
		return true;
	case MODE:
		if (!same("audit", v, n) && !same("diagnose", v, n))
			return false;
		*(int *)s->at = *v == 'd';
		return true;
	case INT:
		return set_int(s, v, n);
	case TEXT:
		if (n >= sizeof(config.output))
			return false;
		memcpy(s->at, v, n);
		((char *)s->at)[n] = 0;
		return true;
	}
	return false;
}

static void complain(char *err, size_t len, const char *what, const char *v, size_t n)
{
	size_t w = strlen(what);

	if (*err || len < w + 4)
		return;
	memcpy(err, what, w);
	if (n > len - w - 3)
		n = len - w - 3;
	err[w] = '\'';
	memcpy(err + w + 1, v, n);
	err[w + 1 + n] = '\'';
	err[w + 2 + n] = 0;
}

static int set_pair(const char *p, size_t n, char *err, size_t len)
{
	const char *eq = memchr(p, '=', n);
	size_t nn = eq ? (size_t)(eq - p) : n;
	const char *v = eq ? eq + 1 : "yes";
	size_t vn = eq ? n - nn - 1 : 3;

	if (vn && v[0] == '"') {
		if (vn < 2 || v[vn - 1] != '"') {
			complain(err, len, "PITFALL_OPTIONS: no closing quote, ignored: ", p, n);
			return -EINVAL;
		}
		v++, vn -= 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (same(settings[i].name, p, nn)) {
			if (set_value(&settings[i], v, vn))
				return 0;
			complain(err, len, "PITFALL_OPTIONS: bad value, default kept: ", p, n);
			return -EINVAL;
		}
	complain(err, len,
		 "PITFALL_OPTIONS: no such setting, ignored (see `pitfall run --help`): ", p, n);
	return -EINVAL;
}

int config_parse(const char *options, char *err, size_t len)
{
	int rc = 0;

	err[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		set_value(&settings[i], settings[i].def, strlen(settings[i].def));
	while (options && *options) {
		bool quoted = false;
		size_t n = 0;

		for (; options[n] && (quoted || options[n] != ':'); n++)
			if (options[n] == '"')
				quoted = !quoted;
		if (n && set_pair(options, n, err, len) < 0)
			rc = -EINVAL;
		options += n + (options[n] == ':');
	}
	return rc;
}

static bool glob(const char *g, size_t n, const char *s)
{
	for (; n; g++, n--) {
		if (*g == '*') {
			for (;; s++) {
				if (glob(g + 1, n - 1, s))
					return true;
				if (!*s)
					return false;
			}
		}
		if (!*s || (*g != '?' && *g != *s))
			return false;
		s++;
	}
	return !*s;
}

bool config_glob_list(const char *globs, const char *name)
{
	while (*globs) {
		size_t n = strcspn(globs, ",");

		if (n && glob(globs, n, name))
			return true;
		globs += n + (globs[n] == ',');
	}
	return false;
}
