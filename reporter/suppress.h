/* SPDX-License-Identifier: MIT */
/*
 * Suppression files: one fault a line that is known and accepted (docs/suppressions.md).
 *	# comment
 *	rule=lock-held-across-io function=legacy_*	all conditions of a line must hold
 *	13 module=*libold.so*				a bare word is a rule's id (a glob) or
 *number Keys: rule, function, file, module, fingerprint; a key may be there several times. Values
 *are globs (fnmatch), quoted with "" if they hold blanks; \" is a quote. function, file and module
 *hold if any frame of the diagnosis matches. Owns the parsed lines; not signal-safe.
 */
#ifndef REPORTER_SUPPRESS_H
#define REPORTER_SUPPRESS_H

#include "report.h"

struct suppressions;

/* 0; -errno of open or read; -EINVAL: a bad line (both said). */
int suppressions_load(struct suppressions **out, const char *path, struct diag_out *d);
/* S may be NULL. Every entry that matches is used. */
bool suppressions_match(struct suppressions *s, const struct diagnosis *d);
/* Says which entries matched nothing. */
void suppressions_tell_unused(const struct suppressions *s, struct diag_out *d);
void suppressions_free(struct suppressions *s);

/* Entries that suppress what R has and nothing else, commented. */
int render_suppressions(const struct report *r, FILE *to);

#endif
