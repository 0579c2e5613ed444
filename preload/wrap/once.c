/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_once, call_once, __cxa_guard_*. A once that is done costs one test. Whoever finds
 * it not done is registered as waiting until libc calls the initialiser, in whose place we stand;
 * the thread that runs it has HELD_ONCE in its list meanwhile, so that rings over onces are seen.
 * No lock order is made of that, and what blocks inside it is nobody's fault (catalogue 13).
 *
 * An initialiser left by an exception or a cancellation leaves its entry behind: it is swept out by
 * its stack address at the thread's next once.
 */
#include <threads.h>

#include "detect/deadlock.h"
#include "detect/fork_locks.h"
#include "detect/handlers.h"
#include "real/real.h"
#include "state/held.h"
#include "state/sync.h"
#include "wrap/object_wait.h"
#include "wrap/ordering.h"

enum {
	ONCE_RUNNING = 1,
	ONCE_DONE = 2,
	ONCE_STATE = 3
}; /* glibc's control word; above them the fork generation */

/* One call that found its once not done, on the caller's stack. Invariant: `waits` until it is
 * known who runs the initialiser. */
struct once_call {
	struct thread *t;
	struct once_call *outer;
	struct object_wait w;
	void (*init)(void);
	u64 addr;
	uintptr_t pc, sp;
	bool waits;
};

/* Entries and calls of frames that an exception or a cancellation has left. */
static void sweep_left(struct thread *t, uintptr_t sp)
{
	struct st_live *l = t->live;

	if (sp < t->stack_lo || sp >= t->stack_hi)
		return;
	while (t->once && (uintptr_t)t->once < sp)
		t->once = t->once->outer;
	for (u32 i = l->nheld < HELD_MAX ? l->nheld : 0; i-- > 0;)
		if (l->held[i].mode == HELD_ONCE && l->held[i].sp < sp &&
		    l->held[i].sp >= t->stack_lo)
			held_pop(t, l->held[i].addr);
}

static bool once_begin(struct once_call *o, u64 addr, void (*init)(void), uintptr_t pc,
		       uintptr_t sp)
{
	struct thread *t = scope_enter();
	bool running = (*(volatile int *)addr & ONCE_STATE) == ONCE_RUNNING;

	if (!t)
		return false;
	IN_HANDLER("pthread_once", addr);
	sweep_left(t, sp);
	*o = (struct once_call){.t = t,
				.outer = t->once,
				.init = init,
				.addr = addr,
				.pc = pc,
				.sp = sp,
				.waits = true};
	t->once = o;
	object_wait_begin(&o->w, t, CALL_once, addr, running ? sync_see(t, addr, SYNC_once, 0) : 0,
			  0, pc, sp);
	if (running)
		deadlock_check(t);
	return true;
}

/* Called by libc in the initialiser's place: the caller doesn't wait, it runs. */
static void once_runs(void)
{
	struct once_call *o = thread_self ? thread_self->once : NULL;

	if (!o)
		return; /* can't be: its caller put it there */
	o->waits = false;
	object_wait_end(&o->w);
	if (o->t->live && o->t->live->nheld < HELD_MAX)
		held_push(o->t, o->addr, HELD_ONCE, o->pc, o->sp);
	o->init();
	if (o->t == thread_self)
		order_release(o->t, ordering_of_once(o->addr));
	if (o->t == thread_self && o->t->live && held_find(o->t->live, o->addr))
		held_pop(o->t, o->addr);
}

static void once_end(struct once_call *o)
{
	if (o->t != thread_self)
		return;
	o->t->once = o->outer;
	if (!o->waits)
		return;
	object_wait_end(&o->w);
	order_acquire(o->t, ordering_of_once(o->addr));
}

static COLD int once_slow(pthread_once_t *control, void (*init)(void), uintptr_t pc, uintptr_t sp)
{
	struct once_call o;
	int rc;

	if (!once_begin(&o, (u64)control, init, pc, sp))
		return REAL(pthread_once)(control, init);
	rc = real.pthread_once(control, once_runs);
	once_end(&o);
	return rc;
}

/* Whoever finds it done comes after its initialiser. */
static COLD void found_done(u64 addr)
{
	struct thread *t = scope_fast();

	if (t)
		order_acquire(t, ordering_of_once(addr));
}

EXPORT int pthread_once(pthread_once_t *control, void (*init)(void))
{
	if (likely(__atomic_load_n(control, __ATOMIC_RELAXED) & ONCE_DONE)) {
		if (order_all())
			found_done((u64)control);
		return REAL(pthread_once)(control, init);
	}
	return once_slow(control, init, CALLER_PC(), CALLER_SP());
}

static COLD void call_once_slow(once_flag *flag, void (*init)(void), uintptr_t pc, uintptr_t sp)
{
	struct once_call o;

	if (!once_begin(&o, (u64)flag, init, pc, sp)) {
		REAL(call_once)(flag, init);
		return;
	}
	real.call_once(flag, once_runs);
	once_end(&o);
}

EXPORT void call_once(once_flag *flag, void (*init)(void))
{
	if (unlikely(!(__atomic_load_n((int *)flag, __ATOMIC_RELAXED) & ONCE_DONE))) {
		call_once_slow(flag, init, CALLER_PC(), CALLER_SP());
		return;
	}
	if (order_all())
		found_done((u64)flag);
	REAL(call_once)(flag, init);
}

/* ---- C++: local statics. Byte 0 of the guard is "done", byte 1 "somebody is at it" (libstdc++ and
 * libc++abi) -------------------- */

EXPORT int __cxa_guard_acquire(uint64_t *guard)
{
	volatile unsigned char *byte = (void *)guard;
	struct thread *t = scope_enter();
	struct object_wait w;
	int mine;

	if (!REAL(__cxa_guard_acquire))
		return !byte[0]; /* nobody else has one: it can't be a C++ program */
	if (!t)
		return real.__cxa_guard_acquire(guard);
	IN_HANDLER("__cxa_guard_acquire", guard);
	sweep_left(t, CALLER_SP());
	object_wait_begin(&w, t, CALL_cxa_guard, (u64)guard,
			  byte[1] ? sync_see(t, (u64)guard, SYNC_once, 0) : 0, 0, CALLER_PC(),
			  CALLER_SP());
	if (byte[1] && !deadlock_check(t))
		fork_locks_check(t);
	mine = real.__cxa_guard_acquire(guard);
	object_wait_end(&w);
	if (!mine && t == thread_self)
		order_acquire(t, ordering_of_once((u64)guard));
	if (mine && t->live && t->live->nheld < HELD_MAX)
		held_push(t, (u64)guard, HELD_ONCE, CALLER_PC(), CALLER_SP());
	return mine;
}

static void guard_left(uint64_t *guard)
{
	struct thread *t = scope_fast();

	if (t && held_find(t->live, (u64)guard))
		held_pop(t, (u64)guard);
}

static void guard_done(uint64_t *guard)
{
	struct thread *t = scope_fast();

	if (t)
		order_release(t, ordering_of_once((u64)guard));
}

EXPORT void __cxa_guard_release(uint64_t *guard)
{
	guard_left(guard);
	guard_done(guard);
	if (REAL(__cxa_guard_release))
		real.__cxa_guard_release(guard);
	else
		*(unsigned char *)guard = 1;
}

EXPORT void __cxa_guard_abort(uint64_t *guard)
{
	guard_left(guard);
	if (REAL(__cxa_guard_abort))
		real.__cxa_guard_abort(guard);
}
