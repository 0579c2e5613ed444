/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_spin_*. A contended one is first tried for as long as a short critical section
 * lasts; only then is the wait worth a record.
 */
#include "detect/deadlock.h"
#include "detect/lock_order.h"
#include "real/real.h"
#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"
#include "wrap/lock_wait.h"

enum { TRIES = 200 };

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("yield");
#endif
}

static inline void took(struct thread *t, pthread_spinlock_t *l, uintptr_t pc, uintptr_t sp,
			bool waited_for)
{
	if (waited_for && t->live->nheld)
		lock_order_acquired(t, (u64)(uintptr_t)l, HELD_SPIN);
	held_push(t, (u64)(uintptr_t)l, HELD_SPIN, pc, sp);
}

struct holder {
	u64 addr;
	struct st_live *found;
};
static bool holds(struct st_live *l, void *arg)
{
	struct holder *h = arg;

	if (!held_find(l, h->addr))
		return false;
	h->found = l;
	return true;
}

static COLD int lock_contended(struct thread *t, pthread_spinlock_t *l, uintptr_t pc, uintptr_t sp)
{
	struct holder h = {.addr = (u64)(uintptr_t)l};
	struct lock_wait w;
	int rc = EBUSY;

	for (int i = 0; i < TRIES && rc == EBUSY; i++) {
		while (*l <= 0 && i++ < TRIES)
			relax();
		rc = real.pthread_spin_trylock(l);
	}
	if (rc == EBUSY) {
		lock_wait_begin(&w, t, CALL_spin_lock, h.addr, sync_see(t, h.addr, SYNC_spin, 0), 0,
				pc, sp);
		if (live_each(holds, &h))
			w.holder = h.found->thread;
		deadlock_check(t);
		rc = real.pthread_spin_lock(l);
		lock_wait_end(&w);
	}
	if (rc == 0)
		took(t, l, pc, sp, true);
	return rc;
}

EXPORT int pthread_spin_lock(pthread_spinlock_t *l)
{
	struct thread *t = scope_enter();
	int rc;

	if (unlikely(!t))
		return REAL(pthread_spin_lock)(l);
	rc = real.pthread_spin_trylock(l);
	if (unlikely(rc == EBUSY))
		return lock_contended(t, l, CALLER_PC(), CALLER_SP());
	if (likely(rc == 0))
		took(t, l, CALLER_PC(), CALLER_SP(), true);
	return rc;
}

EXPORT int pthread_spin_trylock(pthread_spinlock_t *l)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_spin_trylock)(l);

	if (t && rc == 0)
		took(t, l, CALLER_PC(), CALLER_SP(), false);
	return rc;
}

static COLD void misuse(struct thread *t, u64 addr, const char *kind, struct st_live *other)
{
	struct st_held *there = other ? held_find(other, addr) : NULL;
	struct st_sync *s = sync_row(sync_see(t, addr, SYNC_spin, 0));
	struct event_misuse e = {.kind = kind,
				 .addr = addr,
				 .fd = -1,
				 .stack = stack_here(t),
				 .obj = s ? s->serial : 0,
				 .other = other ? other->thread : 0,
				 .other_stack = there ? there->stack : 0};

	event_misuse(t->serial, &e);
}

EXPORT int pthread_spin_unlock(pthread_spinlock_t *l)
{
	struct thread *t = scope_fast();

	if (unlikely(!t))
		return REAL(pthread_spin_unlock)(l);
	if (unlikely(!held_pop(t, (u64)(uintptr_t)l))) {
		struct holder h = {.addr = (u64)(uintptr_t)l};

		if (live_each(holds, &h))
			misuse(t, h.addr, "unlock-by-other-thread", h.found);
	}
	return real.pthread_spin_unlock(l);
}

EXPORT int pthread_spin_init(pthread_spinlock_t *l, int pshared)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_spin_init)(l, pshared);

	if (t && rc == 0) {
		struct sync_birth b = {.kind = SYNC_spin,
				       .flags = pshared == PTHREAD_PROCESS_SHARED ? SF_PSHARED : 0};

		sync_born(t, (u64)(uintptr_t)l, &b);
	}
	return rc;
}

EXPORT int pthread_spin_destroy(pthread_spinlock_t *l)
{
	struct thread *t = scope_enter();

	if (t) {
		struct holder h = {.addr = (u64)(uintptr_t)l};

		if (live_each(holds, &h))
			misuse(t, h.addr, "destroy-while-in-use", h.found);
		sync_died(t, (u64)(uintptr_t)l, SYNC_spin);
	}
	return REAL(pthread_spin_destroy)(l);
}
