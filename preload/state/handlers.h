/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers: which ones the program has installed (one slot a function, never given back),
 * and which ones are running in the calling thread. Owns no opinion of what they do
 * (detect/handlers) and no trampoline (wrap/handler). Lock-free, signal-safe.
 */
#ifndef STATE_HANDLERS_H
#define STATE_HANDLERS_H

#include "base/common.h"
#include "state/thread.h"

#define HANDLERS 256 /* functions; further ones are not watched */

/* Invariant: `function` is written once; the rest by whoever wrote that, soon after. */
struct handler {
	uintptr_t function;
	u32 stack, thread; /* where and by whom it was first installed, 0 not yet known */
};

/* The slot of a function, a new one if need be; -1: all are taken. */
int handler_slot(struct thread *t, uintptr_t function);
const struct handler *handler_get(u32 slot);

/* The innermost handler that runs in this thread, or NULL. Not NULL after one was left by a jump,
 * until somebody asks handler_current(); in the child of a fork that a handler made it leads into
 * the parent's record. */
extern __thread struct handler_run *handler_now TLS_IE;

/* The innermost one that, by the stack pointer, may still run; forgets those that were left. Only a
 * walk that meets their frame proves that they do. */
struct handler_run *handler_current(const struct thread *t, uintptr_t sp);
/* The one that r interrupted, or NULL. */
struct handler_run *handler_outer(const struct thread *t, const struct handler_run *r);
/* r and all inside of it have been left. */
static inline void handler_forget(const struct thread *t, const struct handler_run *r)
{
	handler_now = handler_outer(t, r);
}

/* Does the calling thread run a signal handler (whatever raised it)? */
static inline bool in_handler(const struct thread *t)
{
	return unlikely(handler_now != NULL) &&
	       handler_current(t, (uintptr_t)__builtin_frame_address(0)) != NULL;
}

#endif
