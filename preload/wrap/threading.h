/* SPDX-License-Identifier: MIT */
/*
 * What pthread_create/join and C11's thrd_* share.
 */
#ifndef WRAP_THREADING_H
#define WRAP_THREADING_H

#include <pthread.h>

#include "state/thread.h"

/* By the creator: a record for the child, NULL to pass through. The caller hands it to its
 * trampoline, or thread_discard()s it. */
struct thread *thread_starting(struct thread *t, const void *start, void *arg, bool detached,
			       u32 flags);
/* By the child, first thing in its trampoline. */
void thread_running(struct thread *t);

/* By the child: its start routine has returned. */
static inline void thread_returned(void)
{
	if (thread_self)
		thread_self->returned = true;
}

struct join {
	struct thread *t;
	struct wait_outer outer;
	u32 row, serial, stack;
	bool told; /* that it can't be joined */
};
/* `name` of the call; `flags`: 0, WF_TIMED or WF_NONBLOCK. */
void join_begin(struct join *j, const char *name, pthread_t th, u32 flags, uintptr_t pc,
		uintptr_t sp);
/* `rc`: as pthread_join returns it, -1 for an error that is not known (C11). */
void join_end(struct join *j, const char *name, pthread_t th, int rc);
/* About to be detached. True if it was told that it can't be. */
bool thread_detached(struct thread *t, const char *name, pthread_t th);

#endif
