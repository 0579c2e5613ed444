/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_spin_*. One that looks free goes straight into libc (lock_fast.h). A contended one
 * is first tried for as long as a short critical section lasts; only then is the wait worth a
 * record.
 */
#include "detect/deadlock.h"
#include "detect/fork_locks.h"
#include "detect/lives.h"
#include "detect/handlers.h"
#include "detect/lock_order.h"
#include "detect/spin.h"
#include "detect/unlock_misuse.h"
#include "detect/wrong_kind.h"
#include "real/real.h"
#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"
#include "wrap/lock_fast.h"
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

/* glibc on x86: 1 is free. */
static inline bool locked(pthread_spinlock_t *l)
{
	return __atomic_load_n(l, __ATOMIC_RELAXED) <= 0;
}

enum { SPINNERS_MANY = 1 << 20 }; /* each that waits counts one down */

/* A spinlock has room for no mark: those that were destroyed are known by their address. */
static inline bool is_odd(const pthread_spinlock_t *l)
{
	return __atomic_load_n(&sync_dead_spins, __ATOMIC_RELAXED) &
	       sync_spin_bit((u64)(uintptr_t)l);
}

static COLD void check(struct thread *t, const pthread_spinlock_t *l, const char *call)
{
	i32 value = __atomic_load_n(l, __ATOMIC_RELAXED);
	bool garbage = value > 1 || value < -SPINNERS_MANY;

	if (!wrong_kind_check(t, (u64)(uintptr_t)l, SYNC_spin, call) && (garbage || is_odd(l)))
		lives_odd(t, (u64)(uintptr_t)l, SYNC_spin, call, !garbage);
}

static inline void took(struct thread *t, pthread_spinlock_t *l, uintptr_t pc, uintptr_t sp,
			bool waited_for)
{
	if (waited_for && t->live->nheld)
		lock_order_acquired(t, (u64)(uintptr_t)l, HELD_SPIN);
	held_push(t, (u64)(uintptr_t)l, HELD_SPIN, pc, sp);
}

static COLD int lock_contended(struct thread *t, pthread_spinlock_t *l, uintptr_t pc, uintptr_t sp)
{
	u64 addr = (u64)(uintptr_t)l;
	struct st_live *holder;
	struct lock_wait w;
	int rc = EBUSY;

	for (int i = 0; i < TRIES && rc == EBUSY; i++) {
		while (locked(l) && i++ < TRIES)
			relax();
		rc = real.pthread_spin_trylock(l);
	}
	if (rc == EBUSY) {
		wrong_kind_waits(t, addr, SYNC_spin, "lock");
		lock_wait_begin(&w, t, CALL_spin_lock, addr, sync_see(t, addr, SYNC_spin, 0), 0, pc,
				sp);
		holder = held_by(addr, NULL);
		if (holder)
			lock_wait_for(&w, holder);
		if (!deadlock_check(t))
			fork_locks_check(t);
		rc = real.pthread_spin_lock(l);
		lock_wait_end(&w);
	}
	if (rc == 0)
		took(t, l, pc, sp, true);
	return rc;
}

static COLD int spin_lock_from(pthread_spinlock_t *l, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	int rc;

	if (!t)
		return REAL(pthread_spin_lock)(l);
	IN_HANDLER("pthread_spin_lock", l);
	check(t, l, "lock");
	rc = real.pthread_spin_trylock(l);
	if (rc == EBUSY)
		return lock_contended(t, l, pc, sp);
	if (rc == 0)
		took(t, l, pc, sp, true);
	return rc;
}

EXPORT int pthread_spin_lock(pthread_spinlock_t *l)
{
	uintptr_t pc = CALLER_PC(), sp = CALLER_SP();
	int rc;

	if (unlikely(__atomic_load_n(l, __ATOMIC_RELAXED) != 1 || is_odd(l) ||
		     !lock_announce((u64)(uintptr_t)l, HELD_SPIN, pc, sp)))
		return spin_lock_from(l, pc, sp);
	rc = real.pthread_spin_lock(l);
	if (unlikely(rc))
		return lock_announced_odd(rc);
	return lock_announced_got((u64)(uintptr_t)l, HELD_SPIN, CALLER_PC(), CALLER_SP());
}

EXPORT int pthread_spin_trylock(pthread_spinlock_t *l)
{
	struct thread *t = scope_enter();
	int rc;

	if (t)
		check(t, l, "try-lock");
	rc = REAL(pthread_spin_trylock)(l);

	spin_tried(t, CALL_spin_trylock, (u64)l, rc);
	if (t && rc == 0)
		took(t, l, CALLER_PC(), CALLER_SP(), false);
	return rc;
}

static COLD int unlock_slow(pthread_spinlock_t *l)
{
	struct thread *t = scope_fast();
	struct unlock u = {.addr = (u64)(uintptr_t)l, .kind = SYNC_spin, .free = !locked(l)};

	if (!t || held_pop_slow(t->live, u.addr))
		return REAL(pthread_spin_unlock)(l);
	check(t, l, "unlock");
	unlock_misuse(t, &u);
	return REAL(pthread_spin_unlock)(l);
}

EXPORT int pthread_spin_unlock(pthread_spinlock_t *l)
{
	struct thread *t = thread_self;
	struct st_live *live;

	if (unlikely(!t || !(live = t->live) || !held_pop_last(live, (u64)(uintptr_t)l)))
		return unlock_slow(l);
	return real.pthread_spin_unlock(l);
}

EXPORT int pthread_spin_init(pthread_spinlock_t *l, int pshared)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_spin_init)(l, pshared);

	if (t && rc == 0) {
		struct sync_birth b = {.kind = SYNC_spin,
				       .flags = pshared == PTHREAD_PROCESS_SHARED ? SF_PSHARED : 0};

		lives_born(t, (u64)(uintptr_t)l, &b);
	}
	return rc;
}

EXPORT int pthread_spin_destroy(pthread_spinlock_t *l)
{
	struct thread *t = scope_enter();

	if (t) {
		u64 addr = (u64)(uintptr_t)l;
		struct st_live *holder;
		u32 row = sync_find(addr, SYNC_spin);

		if (!row)
			lives_odd(t, addr, SYNC_spin, "destroy", true);
		else if (!(sync_row(row)->flags & SF_PSHARED) && (holder = held_by(addr, NULL)))
			lives_in_use(t, row, "destroy", holder, NULL);
		if (row)
			sync_destroyed(t, addr, SYNC_spin, 0);
	}
	return REAL(pthread_spin_destroy)(l);
}
