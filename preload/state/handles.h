/* SPDX-License-Identifier: MIT */
/*
 * Handles (pthread_t) that are the program's no more: what became of the threads behind them. The
 * rows of such threads are given back, and their handles are used again; the last few are
 * remembered here, for a call that comes too late. Signal-safe.
 */
#ifndef STATE_HANDLES_H
#define STATE_HANDLES_H

#include "state/thread.h"

enum handle_end { HANDLE_JOINED = 1, HANDLE_DETACHED };
struct handle {
	u64 pthread;
	u32 serial, birth; /* of the thread, and its birth stack */
	u32 by, stack;	   /* who gave it up, and where; stack 0: it was born detached */
	enum handle_end how;
};
void handle_given_up(const struct handle *h);
/* The latest with this value, of this thread (0: of any that has gone). False if not remembered. */
bool handle_find(u64 pthread, u32 serial, struct handle *out);
void handles_fork_child(void);

#endif
