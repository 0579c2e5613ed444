/* SPDX-License-Identifier: MIT */
/*
 * The lives of synchronisation objects: uses after a destroy, first uses of what never was one,
 * initialisations over a living one, and memory given back under one that is in use. Slow paths
 * only: births, deaths, and uses whose bytes have already shown something odd. Signal-safe as far
 * as the calls themselves are.
 */
#ifndef DETECT_LIVES_H
#define DETECT_LIVES_H

#include "state/sync.h"

/* What the program is about to use (`call`) has bytes that no living object has. `dead`: they are
 * those that its destroy left there. */
void lives_odd(struct thread *t, u64 addr, enum sync_kind kind, const char *call, bool dead);
/* An init call succeeded; lives_init() alone where something is to be done before it is born. */
void lives_init(struct thread *t, u64 addr, enum sync_kind kind);
u32 lives_born(struct thread *t, u64 addr, const struct sync_birth *b);
/* It is about to be destroyed, or its memory given back, by `call`, while `user` holds it or waits
 * for it. `err`: what libc will say, or NULL. */
void lives_in_use(struct thread *t, u32 row, const char *call, struct st_live *user,
		  const char *err);
/* The bytes are about to be given back by `call`. `readable`: they surely can be read. `own`: a
 * lock that only the calling thread itself holds counts, too. */
struct lives_range {
	uintptr_t addr;
	size_t size;
	const char *call;
	bool readable, own;
};
void lives_memory_going(struct thread *t, const struct lives_range *r);
/* The thread is about to end, and its stack with it. */
void lives_stack_going(struct thread *t);

#endif
