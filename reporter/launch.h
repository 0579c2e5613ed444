/* SPDX-License-Identifier: MIT */
/*
 * What can be known of a program before it is started: where it lies, whether a preloaded object
 * will get into it. Owns no state; looks at files only, starts nothing. Called by `pitfall run`.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <limits.h>
#include <stddef.h>

struct launch {
	char path[PATH_MAX];	  /* what execvp(3) will execute */
	char image[PATH_MAX];	  /* what will run in the end: the interpreter, for a script */
	char why[PATH_MAX + 256]; /* one clear sentence, without newline, after any result but 0 */
};

/* Looks `program` up as execvp(3) does and fills path. 0, -ENOENT (127) or -EACCES (126); `why`
 * says which. */
int launch_find(struct launch *l, const char *program);
/* Can libpitfall.so be loaded into l->path? Follows #! lines and fills image. 0, -ENOENT (its
 * interpreter is missing), -EACCES, -ENOEXEC (no program at all) or -ENOTSUP (static, musl, other
 * architecture, AT_SECURE). */
int launch_check(struct launch *l);
/* Finds the shared object relative to the command. 0 or -ENOENT; `why` says where it was sought. */
int launch_library(char *out, size_t size, char *why, size_t why_size);

#endif
