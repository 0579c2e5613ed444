/* SPDX-License-Identifier: MIT */
/*
 * Settings by name: see settings.h. The table is settings.def and nothing else. Reporter only, not
 * signal-safe.
 */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum setting_type { FLAG, INT, TEXT, MODE };

static const struct {
	const char *name;
	enum setting_type type;
	const char *preset;
	long min, max;
	const char *unit;
} defs[] = {
#define S(name, type, preset, min, max, unit, meaning) {#name, type, preset, min, max, unit},
#include "settings.def"
#undef S
};

const char *setting_name(enum setting id)
{
	return defs[id].name;
}

const char *setting_get(const struct settings *s, enum setting id)
{
	return s->value[id] ? s->value[id] : defs[id].preset;
}

enum setting setting_find(const char *name)
{
	for (int i = 0; i < SETTINGS; i++) {
		const char *a = defs[i].name, *b = name;

		while (*a && (*a == *b || (*a == '_' && *b == '-')))
			a++, b++;
		if (!*a && !*b)
			return i;
	}
	return SETTINGS;
}

static int check(enum setting id, const char *value, char *why, size_t why_size)
{
	char *end;
	long n;

	switch (defs[id].type) {
	case FLAG:
		if (!strcmp(value, "yes") || !strcmp(value, "no") || !strcmp(value, "1") ||
		    !strcmp(value, "0"))
			return 0;
		snprintf(why, why_size, "setting %s: '%s' is neither yes nor no", defs[id].name,
			 value);
		return -EINVAL;
	case MODE:
		if (!strcmp(value, "audit") || !strcmp(value, "diagnose"))
			return 0;
		snprintf(why, why_size, "setting %s: '%s' is neither audit nor diagnose",
			 defs[id].name, value);
		return -EINVAL;
	case INT:
		errno = 0;
		n = strtol(value, &end, 10);
		if (*value && !*end && !errno && n >= defs[id].min && n <= defs[id].max)
			return 0;
		snprintf(why, why_size, "setting %s: '%s' is no number from %ld to %ld%s%s",
			 defs[id].name, value, defs[id].min, defs[id].max,
			 *defs[id].unit ? " " : "", defs[id].unit);
		return -EINVAL;
	case TEXT:
		if (!strchr(value, '"'))
			return 0;
		snprintf(why, why_size, "setting %s: a value cannot hold '\"'", defs[id].name);
	}
	return -EINVAL;
}

int setting_put(struct settings *s, enum setting id, const char *value, enum setting_origin origin,
		char *why, size_t why_size)
{
	char *copy;

	if (check(id, value, why, why_size))
		return -EINVAL;
	if (s->origin[id] > origin)
		return 0;
	copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	free(s->value[id]);
	s->value[id] = copy;
	s->origin[id] = origin;
	return 0;
}

/* One name=value, ended by ':' or the end; *text moves past it. */
static int parse_one(struct settings *s, char **text, enum setting_origin origin, char *why,
		     size_t why_size)
{
	static char yes[] = "yes"; /* a name alone switches it on */
	char *name = *text, *p = name + strcspn(name, "=:"), *value = yes;
	bool quoted = p[0] == '=' && p[1] == '"';
	enum setting id;

	if (*p == '=') {
		*p++ = 0;
		value = p += quoted;
		p += strcspn(p, quoted ? "\"" : ":");
		if (quoted && (!*p || (p[1] && p[1] != ':'))) {
			snprintf(why, why_size, "setting '%s': its quote is not closed", name);
			return -EINVAL;
		}
		if (quoted)
			*p++ = 0;
	}
	*text = *p ? p + 1 : p;
	*p = 0;
	id = setting_find(name);
	if (id == SETTINGS) {
		snprintf(why, why_size, "unknown setting '%s'", name);
		return -EINVAL;
	}
	return setting_put(s, id, value, origin, why, why_size);
}

int settings_parse(struct settings *s, const char *text, enum setting_origin origin, char *why,
		   size_t why_size)
{
	char *copy = strdup(text), *p = copy;
	int rc = copy ? 0 : -ENOMEM;

	while (!rc && *p) {
		if (*p == ':')
			p++;
		else
			rc = parse_one(s, &p, origin, why, why_size);
	}
	free(copy);
	return rc;
}

char *settings_text(const struct settings *s)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	const char *sep = "";

	if (!f)
		return NULL;
	for (int i = 0; i < SETTINGS; i++) {
		const char *quote = s->value[i] && strchr(s->value[i], ':') ? "\"" : "";

		if (!s->value[i])
			continue;
		fprintf(f, "%s%s=%s%s%s", sep, defs[i].name, quote, s->value[i], quote);
		sep = ":";
	}
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

void settings_free(struct settings *s)
{
	for (int i = 0; i < SETTINGS; i++)
		free(s->value[i]);
	memset(s, 0, sizeof(*s));
}
