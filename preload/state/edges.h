/* SPDX-License-Identifier: MIT */
/*
 * The lock-order graph: `from` was held when `to` was acquired, by object instance. An edge ends
 * with either end's life. An edge has uses: by which threads it is made, when last (a stamp of
 * state/order.h), under which other locks. Of two uses the older one is dropped where the newer one
 * comes after it for certain and is as dangerous. Deciding what a cycle means is
 * detect/lock_order.c. Signal-safe; all of it under edges.lock, inside sync.lock where both are
 * taken; order.lock is inside.
 */
#ifndef STATE_EDGES_H
#define STATE_EDGES_H

#include "base/common.h"
#include "base/lock.h"
#include "state/arena.h"
#include "state/thread.h"

enum {
	EDGE_SHARED = 1 /* made by several threads */,
	EDGE_TOLD = 2 /* part of a cycle that was told */,
	EDGE_MANY = 4 /* more uses than are kept */,
	EDGE_SUSPECTED = 8 /* part of a cycle that was told as suspected */
};
enum { EDGE_GATES = 4 };

/* One way in which an edge is made, and the last time. */
struct edge_use {
	u64 stamp;
	u32 thread, from_stack, to_stack;
	u32 gates[EDGE_GATES]; /* serials of other locks held meanwhile, 0 none */
	u8 from_mode, to_mode;
	u8 read_gates; /* bits: held for reading only */
	u8 in_once;    /* by an initialiser: who comes later has passed it, seen or not */
};
struct edge_new {
	u32 from, to; /* rows of TABLE_sync */
	u32 from_serial, to_serial;
	struct edge_use use;
};

/* Noted as made again, if it is known to be made in this way by this thread: its row, with the
 * stacks filled in; 0 if not. */
u32 edge_again(struct edge_new *e);
/* Inserts it, or the new way in which it is made. Returns the row, 0 if the table is full. */
u32 edge_add(struct thread *t, const struct edge_new *e);
/* The serial of a living object, 0 if it is dying. */
u32 edge_end_serial(u32 sync_row);

/* While looking at several edges and their uses. */
struct lock_guard edges_hold(void);
struct st_edge *edge_row(u32 row);
/* The edge's row, 0 if there is none. By serials. With edges held, or a hint. */
u32 edge_find(u32 from, u32 to);
/* With edges held: its uses; those that a forked child's parent made are none. */
const struct edge_use *edge_uses(const struct st_edge *e, u32 *n);

/* All edges from and to this object end. */
void edges_drop(struct st_sync *s);
void edges_fork_child(void);

#endif
