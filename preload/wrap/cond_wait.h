/* SPDX-License-Identifier: MIT */
/*
 * What pthread_cond_* and cnd_* share (glibc's cnd_t and mtx_t are the pthread types).
 */
#ifndef WRAP_COND_WAIT_H
#define WRAP_COND_WAIT_H

#include "state/thread.h"

struct cond_wait {
	struct thread *t;
	struct wait_outer outer;
	struct st_held held;
	u64 since;
	u32 row, serial; /* row is of that serial only while the condvar lives: it may be destroyed
			    as soon as its waiters are woken */
	bool had;	 /* the mutex was in the caller's books */
	bool timed;
};
void cond_wait_begin(struct cond_wait *w, struct thread *t, void *c, void *m, u32 flags,
		     uintptr_t pc, uintptr_t sp);
/* `woken`: the call returned success, not a timeout. */
void cond_wait_end(struct cond_wait *w, bool woken);
bool cond_nobody_waits(const void *cond);
/* A signal, or a broadcast to all, is about to be made by the call at pc, sp. */
void cond_posted(struct thread *t, void *c, bool all, uintptr_t pc, uintptr_t sp);
/* What no living one has (signalled, waited for or destroyed: `call`): then a closer look. */
void cond_check(struct thread *t, const void *cond, const char *call);
/* It is about to be destroyed. */
void cond_dies(struct thread *t, void *c);

#endif
