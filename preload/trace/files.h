/* SPDX-License-Identifier: MIT */
/*
 * The two files of a process: where they go, what they are called, that the program does not trip
 * over their descriptors.
 */
#ifndef TRACE_FILES_H
#define TRACE_FILES_H

#include "trace_schema.h"

/* Opens arena and sink: in memory at first, in files at once with keep=yes. 0 or -errno (then
 * nothing is observed). */
int files_open(void);
/* The same in a forked child, with a copy of the parent's tables. */
int files_fork(void);
/* Makes NAME.jsonl and NAME.state in the output directory (or in /dev/shm where that can't be
 * written) and moves arena and sink into them. Called when the process is a second old, before it
 * has a second thread, before a finding is written, before privileges or the root directory change.
 * Does nothing the second time. */
void files_promote(void);
/* CLOCK_MONOTONIC_COARSE ns from which the process is no longer young; UINT64_MAX once the files
 * are there. */
extern u64 files_due;
/* The process ends. A clean one (nothing raised, nothing alive that matters) leaves one line in
 * index.jsonl and no files, unless keep=yes. */
void files_settle(void);
const char *files_table_name(int table);

#endif
