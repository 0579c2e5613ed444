/* SPDX-License-Identifier: MIT */
/*
 * From a pid to the state file of that process, wherever it lies.
 */
#ifndef OBSERVED_H
#define OBSERVED_H

#include <stddef.h>
#include <sys/types.h>

/* The file it maps, as a path that works here (through /proc/PID/root for another mount namespace,
 * through /proc/PID/map_files for one that was removed: then without a NAME.jsonl beside it). 0;
 * -ESRCH no such process; -EACCES; -ENOENT it maps none: not observed; another -errno: found, but
 * not to be read. `why`: one sentence. */
int observed_state(pid_t pid, char *path, size_t size, char *why, size_t why_size);
/* NAME.state → NAME.jsonl, in place. */
void observed_jsonl(char *path);

#endif
