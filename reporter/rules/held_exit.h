/* SPDX-License-Identifier: MIT */
/*
 * What lock-held-at-thread-exit and cancelled-while-holding-lock share: the lock, and who waits for
 * it since. Pure.
 */
#ifndef RULES_HELD_EXIT_H
#define RULES_HELD_EXIT_H

#include "rule.h"

const char *held_exit_lock(const struct model_process *p, const struct model_event *e);
/* " for reading", or "" */
const char *held_exit_reading(const struct model_event *e);
/* The lock, the thread, and where it was taken. */
void held_exit_evidence(const struct model_process *p, struct diagnosis *d,
			const struct model_event *e);
/* Somebody waits for the lock who matters: a thread that others may join. */
bool held_exit_wanted(const struct model_process *p, const struct model_event *e);
/* Those who wait for the lock; the sentence why it matters. */
void held_exit_waiters(const struct model_process *p, struct diagnosis *d,
		       const struct model_event *e);

#endif
