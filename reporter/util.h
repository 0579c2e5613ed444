/* SPDX-License-Identifier: MIT */
/*
 * Strings that came from outside, made fit to print. Owns nothing; called from everywhere in the
 * reporter.
 */
#ifndef REPORTER_UTIL_H
#define REPORTER_UTIL_H

#include <stdarg.h>
#include <stddef.h>

/* In place: control characters and bytes that are not UTF-8 become '?', so a trace cannot drive a
 * terminal nor break a JSON writer. Returns S. NULL is fine. */
char *text_clean(char *s);
/* strdup and text_clean; "" for NULL. NULL when memory is out. */
char *text_dup(const char *s);
/* vasprintf and text_clean; NULL when memory is out. */
char *text_vformat(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
/* Last component. */
const char *path_base(const char *path);
/* Room for one more element in a growing array: doubles *CAP up to MAX. 0, -ENOMEM, -ENOSPC at MAX.
 */
int array_room(void **array, unsigned n, unsigned *cap, size_t size, unsigned max);

#endif
