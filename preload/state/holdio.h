/* SPDX-License-Identifier: MIT */
/*
 * Tables of cost: a lock held across a blocking call (by lock, acquisition, call), and waiting for
 * a lock (by lock, waiter's stack). Signal-safe; insertion under holdio.lock.
 */
#ifndef STATE_HOLDIO_H
#define STATE_HOLDIO_H

#include "base/common.h"
#include "state/arena.h"

struct hold_io_key {
	u32 obj; /* serial */
	u64 addr;
	u32 mode, acq_stack, call, call_stack;
};
/* The row of this combination, made if need be; NULL if the table is full. */
struct st_hold_io *hold_io_get(const struct hold_io_key *k, u64 now);
/* `holder_pc`: where whoever holds it took it, 0 unknown. */
struct st_contend *contend_get(u32 obj, u64 addr, u32 stack, u64 holder_pc);
void hold_io_fork_child(void);

#endif
