/* SPDX-License-Identifier: MIT */
/*
 * The settings of include/settings.def, as PITFALL_OPTIONS gave them. Read once at start, constant
 * afterwards.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/common.h"

struct config {
#define FIELD_FLAG(name)			bool name;
#define FIELD_MODE(name)			int name;
#define FIELD_INT(name)				long name;
#define FIELD_TEXT(name)			char name[256];
#define S(name, type, def, min, max, unit, doc) FIELD_##type(name)
#include "settings.def"
#undef S
};

extern struct config config;

/* Fills `config` with defaults, then with `options` (may be NULL). What can't be used is left at
 * its default and told in `err` (one line, at most `len` bytes; empty if all was well). Returns 0
 * or -EINVAL. */
int config_parse(const char *options, char *err, size_t len);
/* Does `name` match one of the comma-separated globs (with * and ?)? */
bool config_glob_list(const char *globs, const char *name);

#endif
