/* SPDX-License-Identifier: MIT */
/*
 * The output directory's size in all (setting quota). Called when a process ends.
 */
#ifndef TRACE_QUOTA_H
#define TRACE_QUOTA_H

/* Removes the files of the processes that ended longest ago until what is left fits. Looks only at
 * NAME.jsonl and NAME.state pairs; files of living processes stay. Costs one pass over the
 * directory. `dir` is absolute. */
void quota_keep(const char *dir);

#endif
