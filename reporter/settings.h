/* SPDX-License-Identifier: MIT */
/*
 * The settings of include/settings.def as `pitfall run` handles them: read from PITFALL_OPTIONS and
 * the command line, checked, and written back as one PITFALL_OPTIONS for the program.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#define S(name, ...) SETTING_##name,
enum setting {
#include "settings.def"
	SETTINGS
};
#undef S

/* Who set it; the greater wins. */
enum setting_origin { SET_UNSET, SET_BY_RUN, SET_BY_ENV, SET_BY_USER };

struct settings {
	char *value[SETTINGS]; /* malloced; NULL = the default */
	enum setting_origin origin[SETTINGS];
};

const char *setting_name(enum setting id);
/* The value in force. */
const char *setting_get(const struct settings *s, enum setting id);
/* SETTINGS if there is none of that name ('-' stands for '_'). */
enum setting setting_find(const char *name);
/* Checks and keeps a copy, unless a greater origin has spoken. 0 or -EINVAL with one sentence in
 * `why`. */
int setting_put(struct settings *s, enum setting id, const char *value, enum setting_origin origin,
		char *why, size_t why_size);
/* Takes name=value:name="va:lue". 0 or -EINVAL with one sentence in `why`. */
int settings_parse(struct settings *s, const char *text, enum setting_origin origin, char *why,
		   size_t why_size);
/* The same form of what has been set; malloced, NULL without memory. */
char *settings_text(const struct settings *s);
void settings_free(struct settings *s);

#endif
