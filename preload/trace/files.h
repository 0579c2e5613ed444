/* SPDX-License-Identifier: MIT */
/*
 * The two files of a process: where they go, what they are called, that the program does not trip over their descriptors.
 */
#ifndef TRACE_FILES_H
#define TRACE_FILES_H

/* Makes NAME.jsonl and NAME.state in the output directory and opens arena and sink on them; in memory only where neither the directory nor
 * /dev/shm can be written. 0 or -errno (then nothing is observed). */
int files_open(void);
/* The same in a forked child, with a copy of the parent's tables. */
int files_fork(void);
/* The process ends. A clean one (nothing raised, nothing alive that matters) leaves one line in index.jsonl and no files, unless keep=yes. */
void files_settle(void);
const char *files_table_name(int table);

#endif
