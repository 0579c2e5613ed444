/* SPDX-License-Identifier: MIT */
/*
 * Birth sites: counts of what was made, and what is alive, by (kind, stack). Growth is decided here
 * (GENERIC: Leak): the least live count of a window must be a new high; six such windows in a row
 * are growth, as long as it goes on and what was made in them is still there: the reporter's
 * growth.c looks at that, with the ages of what lives. Signal-safe. Look-ups are lock-free,
 * insertion takes sites.lock (outside table locks).
 */
#ifndef STATE_SITES_H
#define STATE_SITES_H

#include "base/common.h"
#include "state/arena.h"

/* Something was made at `stack`; returns the site's row, 0 if the table is full. */
u32 site_born(enum site_kind kind, u32 sub, u32 stack, u32 thread, u64 now);
/* One of them is gone. */
void site_died(u32 site, u64 now);
/* The making failed after all. */
void site_undo(u32 site);
/* A call at `stack` failed for want of room (EMFILE, EAGAIN). Returns the row. */
u32 site_failed(enum site_kind kind, u32 sub, u32 stack, u32 thread, u64 now);
/* Threads: ended and waiting for a join, +1 or -1. */
void site_unjoined(u32 site, int by);
struct st_site *site_get(u32 site);
/* In a forked child: nobody holds the lock, nothing was made here yet. */
void sites_fork_child(void);

#endif
