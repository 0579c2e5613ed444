/* SPDX-License-Identifier: MIT */
/*
 * Lines of source files for the text report. Reads only regular files that are named like source
 * code, at most 16 MiB each; keeps the last few. Owns their text until the program ends. Not
 * signal-safe.
 */
#ifndef REPORTER_SOURCE_H
#define REPORTER_SOURCE_H

/* Line NUMBER (from 1) of PATH, *LEN bytes without its end; NULL if there is none. Good until the
 * next call. */
const char *source_line(const char *path, int number, int *len);

#endif
