/* SPDX-License-Identifier: MIT */
/*
 * Stacks of a process that was not observed, or of a core: no objects and no holders, only where
 * each thread is.
 */
#ifndef DUMP_STACKS_H
#define DUMP_STACKS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

bool dump_stacks_is_core(const char *path);
/* json: "pitfall-dump/1" with stacks alone, instead of text. Stops each thread with ptrace while it
 * is read, and says so. 0 or -errno, said on stderr. */
int dump_stacks_of_process(pid_t pid, bool json, FILE *to);
int dump_stacks_of_core(const char *path, bool json, FILE *to);

#endif
