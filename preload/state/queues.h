/* SPDX-License-Identifier: MIT */
/*
 * Message queues by name: how many descriptors of one are open here, and which names this process
 * made and nobody removed. Their descriptors are rows of fd. Called from wrap/mqueue.c at opening,
 * closing and removing only. Signal-safe but for its lock (queues.lock, outside table locks).
 */
#ifndef STATE_QUEUES_H
#define STATE_QUEUES_H

#include "state/thread.h"

/* Opened; `made`: there was none of that name before. Returns the row, 0 if the table is full. */
u32 queue_opened(struct thread *t, const char *name, bool made);
void queue_closed(u32 row);
void queue_removed(const char *name);
/* At the end and at snapshots: those made here that somebody else has removed. */
void queues_look(void);
/* A child inherits descriptors; the names are its parent's to remove. */
void queues_fork_child(void);

#endif
