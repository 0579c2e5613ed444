/* SPDX-License-Identifier: MIT */
/*
 * Does every thread of a process wait for something that another thread would have to do? A quick
 * look at the state file, made every tick by the watcher; wake.h is asked only when the answer has
 * not changed for a while. Owns nothing; not signal-safe.
 */
#ifndef REPORTER_HUNG_H
#define REPORTER_HUNG_H

#include "trace_schema.h"

/* A number that stays the same while no thread moves; 0 if some thread can go on by itself, or the
 * file cannot be read. *HINT: row of the thread that could go on when last looked at. */
u64 hung_signature(const char *state, u32 *hint);

#endif
