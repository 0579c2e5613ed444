/* SPDX-License-Identifier: MIT */
/*
 * Distinct call stacks, by id. Signal-safe; look-up lock-free, insertion under stacks.lock.
 */
#ifndef STATE_STACKS_H
#define STATE_STACKS_H

#include "base/common.h"
#include "state/thread.h"

/* The calling thread's stack from the wrapper's caller outward. 0 if it can't be known or the table
 * is full. About 50 ns a frame cold, 5 ns warm. `slot1`, if not NULL: where frame 1's return
 * address lies, that is, the creating call's own (0 if unknown). */
u32 stack_here(struct thread *t);
u32 stack_here_slot(struct thread *t, uintptr_t *slot1);
/* The same through the thread's memo of contexts: exact when the call is repeated, a walk
 * otherwise; 0 when the walks a thread may make on its lock path are used up. */
static inline struct context *stack_context_at(struct thread *t, uintptr_t pc, uintptr_t sp)
{
	return &t->contexts[(pc ^ sp >> 4) % CONTEXTS];
}
static inline bool stack_context_is(const struct context *c, uintptr_t pc, uintptr_t sp)
{
	return c->pc == pc && c->sp == sp && *(const uintptr_t *)(sp + c->slot) == c->next;
}
u32 stack_context_slow(struct thread *t, uintptr_t pc, uintptr_t sp);
static inline u32 stack_context(struct thread *t, uintptr_t pc, uintptr_t sp)
{
	struct context *c = stack_context_at(t, pc, sp);

	if (likely(stack_context_is(c, pc, sp)))
		return c->stack;
	return stack_context_slow(t, pc, sp);
}
/* The stack with which a lock now held by the calling thread was taken: h->stack if it still fits
 * what is on the stack, else h's call site followed by the frames that have not returned since. */
u32 stack_of_held(struct thread *t, const struct st_held *h);
/* Of the calling thread's frames: where the innermost one that lies above `addr` keeps its return
 * address, 0 if none is found. The function an object on this stack lies in. */
uintptr_t stack_slot_above(struct thread *t, uintptr_t addr);
/* Frames of a stack; their number, 0 if there is no such stack. */
u32 stack_frames(u32 id, const struct st_frame **frames);
/* The calling thread's stack, cut at the frame whose return address lies at `slot`: what runs
 * inside of it (without the frame itself), and what goes on outside. 1 if it was met, 0 if there is
 * no such frame, -1 if the walk ended before that could be told. For signal handlers: the frame is
 * the kernel's, outside is what was interrupted. */
int stack_split(struct thread *t, uintptr_t slot, u32 *inside, u32 *outside);
/* In a forked child: nobody holds the lock. */
void stacks_fork_child(void);

#endif
