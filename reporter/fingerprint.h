/* SPDX-License-Identifier: MIT */
/*
 * The same fault in another run, build, path or host gets the same fingerprint. Made of the rule
 * and the normalised names of the first program frames of each role. Owns nothing; not signal-safe.
 */
#ifndef REPORTER_FINGERPRINT_H
#define REPORTER_FINGERPRINT_H

#include "model.h"

/* "ns::f<int>(int).constprop.0" → "ns::f", into OUT. */
void function_normalise(const char *name, char *out, size_t size);
/* The words of one role: malloc'ed. *BY_BUILD is set if a frame without a name had to go in as an
 * offset. */
char *role_of_frames(const struct frames *f, bool *by_build);
/* Hash of a text as 32 hex digits and NUL. */
void fingerprint_hex(const char *text, char out[33]);
/* Index of the member a cycle's order begins with: the rotation that sorts first. */
unsigned cycle_first(char *const *member, unsigned n);

#endif
