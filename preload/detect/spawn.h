/* SPDX-License-Identifier: MIT */
/*
 * Out of what a thread is started: before main or inside dlopen, by a library, for a request, in a
 * round of many. Called at births of threads only; not signal-safe, as they aren't.
 */
#ifndef DETECT_SPAWN_H
#define DETECT_SPAWN_H

#include "state/thread.h"

/* TF_BEFORE_MAIN, TF_IN_DLOPEN, TF_LIBRARY, as its creation stack says. */
u32 spawn_flags(u32 stack);
/* For whom does its creator work now? Fills in req_*. */
void spawn_request(struct thread *creator, struct st_thread *row);
/* Counts it in its site's rounds. */
void spawn_round(struct thread *creator, struct st_thread *row);

#endif
