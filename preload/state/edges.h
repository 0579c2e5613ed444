/* SPDX-License-Identifier: MIT */
/*
 * The lock-order graph: `from` was held when `to` was acquired, by object instance. An edge ends
 * with either end's life. Deciding what a cycle means is detect/lock_order.c. Signal-safe;
 * insertion under edges.lock, inside sync.lock where both are taken.
 */
#ifndef STATE_EDGES_H
#define STATE_EDGES_H

#include "base/common.h"
#include "state/arena.h"

enum {
	EDGE_SHARED = 1 /* made by several threads */,
	EDGE_TOLD = 2 /* part of a cycle that was told */
};

/* The edge's row, 0 if there is none. `from` and `to` are rows of TABLE_sync. */
u32 edge_find(u32 from, u32 to);
struct edge_new {
	u32 from, to; /* rows */
	u32 from_stack, to_stack, thread, era;
	u8 from_mode, to_mode;
	const u32 *gates; /* rows of other locks held meanwhile */
	u32 ngates;
};
/* Could this acquisition change what is known of the edge: made in a new era, by a second thread,
 * with a gate missing, by a writer where there were readers? */
bool edge_has_news(const struct st_edge *known, const struct edge_new *e);
/* Inserts it, or notes what is new about it; *news: anything was. Returns the row, 0 if the table
 * is full. */
u32 edge_add(const struct edge_new *e, bool *news);
struct st_edge *edge_row(u32 row);
/* All edges from and to this object end. */
void edges_drop(struct st_sync *s);
void edges_fork_child(void);

#endif
