/* SPDX-License-Identifier: MIT */
/*
 * Suppression files: one fault a line that is known and accepted.
 *	# comment
 *	rule=lock-held-across-io function=legacy_*	all conditions of a line must hold
 *	13 module=*libold.so*				a bare word is a rule's id (a glob) or
 *number Keys: rule, function, file, module; values are globs (fnmatch), quoted with "" if they hold
 *blanks. function, file and module hold if any frame of the diagnosis matches. Owns the parsed
 *lines; not signal-safe.
 */
#ifndef REPORTER_SUPPRESS_H
#define REPORTER_SUPPRESS_H

#include "report.h"

struct suppressions;

/* 0; -errno of open; -EINVAL: a bad line (both said). */
int suppressions_load(struct suppressions **out, const char *path, struct diag_out *d);
bool suppressions_match(const struct suppressions *s,
			const struct diagnosis *d); /* S may be NULL */
void suppressions_free(struct suppressions *s);

#endif
