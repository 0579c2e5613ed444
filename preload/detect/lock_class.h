/* SPDX-License-Identifier: MIT */
/*
 * Lock order by birth site: locks of one site are of one kind, as a rule (a lock of each session,
 * of each account). Where some session's lock is held when the table's is taken, and elsewhere the
 * table's when some other session's is, no two of the locks seen have gone against each other yet,
 * but nothing says that it can't be the same session next time.
 */
#ifndef DETECT_LOCK_CLASS_H
#define DETECT_LOCK_CLASS_H

#include "state/edges.h"

/* The edge was made, now, and is in the graph. Signal-safe. */
void lock_class_note(struct thread *t, const struct edge_new *e);

#endif
