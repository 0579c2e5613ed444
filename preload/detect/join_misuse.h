/* SPDX-License-Identifier: MIT */
/*
 * Joins and detaches of threads that can't be joined or detached any more (generic rules
 * join-twice, join-detached, join-self). Threads are told apart by their creation, not by the
 * handle, which is used again.
 */
#ifndef DETECT_JOIN_MISUSE_H
#define DETECT_JOIN_MISUSE_H

#include "state/thread.h"

struct join_call {
	const char *name; /* of the call */
	u64 pthread;
	u32 flags;	 /* as join_begin's */
	u32 row, serial; /* what the books knew of the handle before the call; 0 nothing */
};

/* Before the call, which may crash: is the thread known to be joined or detached already? True if
 * it was told. Signal-safe. */
bool join_misuse_before(struct thread *t, const struct join_call *c);
/* It failed with `err`, or with an unknown error (-1: C11), and nothing was told before. True if
 * it was told now. */
bool join_misuse_after(struct thread *t, const struct join_call *c, int err);

#endif
