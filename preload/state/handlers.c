/* SPDX-License-Identifier: MIT */
/* Owns: the slots of handlers, and the look at who still runs. See handlers.h. */
#include "state/handlers.h"

#include "state/stacks.h"

__thread struct handler_run *handler_now TLS_IE;

static struct handler handlers[HANDLERS];

const struct handler *handler_get(u32 slot)
{
	return slot < HANDLERS ? &handlers[slot] : NULL;
}

int handler_slot(struct thread *t, uintptr_t function)
{
	for (int i = 0; i < HANDLERS; i++) {
		struct handler *h = &handlers[i];
		uintptr_t there = __atomic_load_n(&h->function, __ATOMIC_ACQUIRE);

		if (there == function)
			return i;
		if (there || !__atomic_compare_exchange_n(&h->function, &there, function, false,
							  __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			if (there == function)
				return i;
			continue;
		}
		h->thread = t->serial;
		h->stack = stack_here(t);
		return i;
	}
	return -1;
}

static bool on_own_stack(const struct thread *t, uintptr_t sp)
{
	return sp >= t->stack_lo && sp < t->stack_hi;
}

enum { RUNS, LEFT, UNKNOWN };

/* What the stack pointer says. A handler on an alternate stack may be interrupted by one on a
 * third: only the thread's own stack shows that it was left. */
static int look(const struct thread *t, const struct handler_run *r, uintptr_t sp)
{
	if (r->alternate) {
		if (sp >= r->alternate && sp < r->cfa)
			return RUNS;
		return on_own_stack(t, sp) ? LEFT : UNKNOWN;
	}
	if (!on_own_stack(t, sp))
		return UNKNOWN;
	return sp < r->cfa ? RUNS : LEFT;
}

static struct handler_run *of_thread(const struct thread *t, struct handler_run *r)
{
	return (uintptr_t)r - (uintptr_t)t->handlers < sizeof(t->handlers) ? r : NULL;
}

struct handler_run *handler_outer(const struct thread *t, const struct handler_run *r)
{
	return of_thread(t, r->outer);
}

struct handler_run *handler_current(const struct thread *t, uintptr_t sp)
{
	struct handler_run *r = of_thread(t, handler_now);

	while (r) {
		int seen = look(t, r, sp);

		if (seen != LEFT)
			return seen == RUNS ? r : NULL;
		handler_forget(t, r);
		r = handler_now;
	}
	handler_now = NULL;
	return NULL;
}
