/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_rwlock_*. Who reads is in no field of libc's: our own list of held locks is the
 * book (HELD_READ, HELD_WRITE).
 *
 * One that looks free is announced and goes straight into libc (lock_fast.h). Otherwise: the try
 * forms succeed only where the plain form would not have waited, for every kind of lock (a
 * tryrdlock of a writer-preferring one fails while a writer waits, as rdlock would wait then), and
 * neither is a cancellation point: so they come first, and what fails goes the long way.
 */
#include "base/modules.h"
#include "detect/deadlock.h"
#include "detect/fork_locks.h"
#include "detect/lives.h"
#include "detect/failed_call.h"
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

enum { WRITE_LOCKED = 2, READER = 8 }; /* bits of glibc's __readers */
enum { READERS_MANY = 1 << 20 };

/* libc leaves no trace of a destroy. Eight of its bytes are never used, and zero in every way to
 * make one: there we leave ours, from inside the call. */
#define DESTROYED_MARK 0x6465796f72747365ull
static inline u64 *unused_of(const pthread_rwlock_t *l)
{
	_Static_assert(offsetof(pthread_rwlock_t, __data.__pad3) % 8 == 0 &&
			   offsetof(pthread_rwlock_t, __data.__pad4) ==
			       offsetof(pthread_rwlock_t, __data.__pad3) + 4,
		       "");
	return (u64 *)(uintptr_t)&l->__data.__pad3;
}
static inline bool is_odd(const pthread_rwlock_t *l)
{
	return __atomic_load_n(unused_of(l), __ATOMIC_RELAXED) != 0;
}

static COLD void look_closer(struct thread *t, const pthread_rwlock_t *l, const char *call)
{
	lives_odd(t, (u64)l, SYNC_rwlock, call, *unused_of(l) == DESTROYED_MARK);
}

/* It is about to be used: destroyed, or never made? */
static inline void check(struct thread *t, const pthread_rwlock_t *l, const char *call)
{
	if (wrong_kind_check(t, (u64)l, SYNC_rwlock, call))
		return;
	if (unlikely(is_odd(l) || l->__data.__readers / READER > READERS_MANY))
		look_closer(t, l, call);
}

static u32 flags_of(const pthread_rwlock_t *l)
{
	return (l->__data.__shared ? SF_PSHARED : 0) |
	       (l->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP ? SF_WRITERS_FIRST
										  : 0);
}

/* Readers of a lock nest without asking; only a first acquisition makes an order. */
static inline void took(struct thread *t, pthread_rwlock_t *l, u8 mode, uintptr_t pc, uintptr_t sp,
			bool waited_for)
{
	if (unlikely(flags_of(l) & SF_WRITERS_FIRST)) /* who reads may wait behind a writer */
		sync_see(t, (u64)l, SYNC_rwlock, flags_of(l));
	if (waited_for && t->live->nheld)
		lock_order_acquired(t, (u64)l, mode);
	held_push(t, (u64)l, mode, pc, sp);
}

static bool written_by(const pthread_rwlock_t *l, u32 tid)
{
	return (u32)__atomic_load_n(&l->__data.__cur_writer, __ATOMIC_RELAXED) == tid;
}

static COLD void relock(struct thread *t, pthread_rwlock_t *l)
{
	struct st_held *h = held_find(t->live, (u64)l);
	struct st_sync *s = sync_row(sync_see(t, (u64)l, SYNC_rwlock, flags_of(l)));
	struct event_misuse e = {.kind = "relock",
				 .err = "EDEADLK",
				 .addr = (u64)l,
				 .stack = stack_here(t),
				 .fd = -1,
				 .other = t->serial,
				 .obj = s ? s->serial : 0,
				 .other_stack = h ? stack_of_held(t, h) : 0};

	event_misuse(t->serial, &e);
}

static int lock_failed(struct thread *t, pthread_rwlock_t *l, u8 mode, int rc)
{
	failed_call(t, mode == HELD_READ ? "pthread_rwlock_rdlock" : "pthread_rwlock_wrlock", l,
		    SYNC_rwlock, rc);
	return rc;
}

static struct st_live *writer_of(const pthread_rwlock_t *l)
{
	u32 tid = (u32)__atomic_load_n(&l->__data.__cur_writer, __ATOMIC_RELAXED);

	return tid ? live_find_tid(tid) : NULL;
}

/* Both modes: `real_lock` is the plain form. */
static COLD int lock_contended(struct thread *t, pthread_rwlock_t *l, u8 mode,
			       int (*real_lock)(pthread_rwlock_t *), uintptr_t pc, uintptr_t sp)
{
	u32 call = mode == HELD_READ ? CALL_rwlock_rdlock : CALL_rwlock_wrlock;
	struct lock_wait w;
	int rc;

	if (written_by(l, t->tid)) { /* libc returns EDEADLK at once */
		rc = real_lock(l);
		if (rc == EDEADLK)
			relock(t, l);
		return rc;
	}
	wrong_kind_waits(t, (u64)l, SYNC_rwlock, mode == HELD_READ ? "read-lock" : "write-lock");
	lock_wait_begin(&w, t, call, (u64)l, sync_see(t, (u64)l, SYNC_rwlock, flags_of(l)), 0, pc,
			sp);
	lock_wait_for(&w, writer_of(l));
	if (!deadlock_check(t))
		fork_locks_check(t);
	rc = real_lock(l);
	lock_wait_end(&w);
	if (rc == 0)
		took(t, l, mode, pc, sp, true);
	return lock_failed(t, l, mode, rc);
}

static COLD int rdlock_from(pthread_rwlock_t *l, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	int rc;

	if (!t)
		return REAL(pthread_rwlock_rdlock)(l);
	IN_HANDLER("pthread_rwlock_rdlock", l);
	check(t, l, "read-lock");
	rc = real.pthread_rwlock_tryrdlock(l);
	if (rc == EBUSY)
		return lock_contended(t, l, HELD_READ, real.pthread_rwlock_rdlock, pc, sp);
	if (rc == 0)
		took(t, l, HELD_READ, pc, sp, true);
	return lock_failed(t, l, HELD_READ, rc);
}

static COLD int wrlock_from(pthread_rwlock_t *l, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	int rc;

	if (!t)
		return REAL(pthread_rwlock_wrlock)(l);
	IN_HANDLER("pthread_rwlock_wrlock", l);
	check(t, l, "write-lock");
	rc = real.pthread_rwlock_trywrlock(l);
	if (rc == EBUSY)
		return lock_contended(t, l, HELD_WRITE, real.pthread_rwlock_wrlock, pc, sp);
	if (rc == 0)
		took(t, l, HELD_WRITE, pc, sp, true);
	return lock_failed(t, l, HELD_WRITE, rc);
}

static COLD int announced_odd(pthread_rwlock_t *l, u8 mode, int rc)
{
	lock_announced_odd(rc);
	return lock_failed(scope_fast(), l, mode, rc);
}

/* Without a writer, or one who waits: a reader passes, whatever the kind of lock. */
EXPORT int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
	uintptr_t pc = CALLER_PC(), sp = CALLER_SP();
	int rc;

	if (unlikely(__atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED) & WRITE_LOCKED ||
		     is_odd(l) || !lock_announce((u64)l, HELD_READ, pc, sp)))
		return rdlock_from(l, pc, sp);
	rc = real.pthread_rwlock_rdlock(l);
	if (unlikely(rc))
		return announced_odd(l, HELD_READ, rc);
	return lock_announced_got((u64)l, HELD_READ, CALLER_PC(), CALLER_SP());
}

EXPORT int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
	uintptr_t pc = CALLER_PC(), sp = CALLER_SP();
	u32 readers = __atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED);
	int rc;

	if (unlikely(readers >= READER || readers & WRITE_LOCKED || is_odd(l) ||
		     !lock_announce((u64)l, HELD_WRITE, pc, sp)))
		return wrlock_from(l, pc, sp);
	rc = real.pthread_rwlock_wrlock(l);
	if (unlikely(rc))
		return announced_odd(l, HELD_WRITE, rc);
	return lock_announced_got((u64)l, HELD_WRITE, CALLER_PC(), CALLER_SP());
}

EXPORT int pthread_rwlock_tryrdlock(pthread_rwlock_t *l)
{
	struct thread *t = scope_enter();
	int rc;

	if (t)
		check(t, l, "try-lock");
	rc = REAL(pthread_rwlock_tryrdlock)(l);

	spin_tried(t, CALL_rwlock_tryrdlock, (u64)l, rc);
	if (t && rc == 0)
		took(t, l, HELD_READ, CALLER_PC(), CALLER_SP(), false);
	return rc;
}

EXPORT int pthread_rwlock_trywrlock(pthread_rwlock_t *l)
{
	struct thread *t = scope_enter();
	int rc;

	if (t)
		check(t, l, "try-lock");
	rc = REAL(pthread_rwlock_trywrlock)(l);

	spin_tried(t, CALL_rwlock_trywrlock, (u64)l, rc);
	if (t && rc == 0)
		took(t, l, HELD_WRITE, CALLER_PC(), CALLER_SP(), false);
	return rc;
}

/* ---- with a time limit: they back off by themselves, make no order and no ring
 * ------------------------------------------------ */

struct timed {
	struct thread *t;
	struct lock_wait w;
	bool waits;
};

static void timed_begin(struct timed *d, pthread_rwlock_t *l, u8 mode, uintptr_t pc, uintptr_t sp)
{
	u32 readers = __atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED);

	IN_HANDLER(mode == HELD_READ ? "pthread_rwlock_timedrdlock" : "pthread_rwlock_timedwrlock",
		   l);
	d->t = scope_enter();
	if (d->t)
		check(d->t, l, mode == HELD_READ ? "read-lock" : "write-lock");
	d->waits = d->t && (readers & WRITE_LOCKED || (mode == HELD_WRITE && readers >= READER)) &&
		   !written_by(l, d->t->tid);
	if (d->waits) {
		u32 call = mode == HELD_READ ? CALL_rwlock_rdlock : CALL_rwlock_wrlock;

		lock_wait_begin(&d->w, d->t, call, (u64)l,
				sync_see(d->t, (u64)l, SYNC_rwlock, flags_of(l)), WF_TIMED, pc, sp);
		lock_wait_for(&d->w, writer_of(l));
	}
}

static int timed_end(struct timed *d, pthread_rwlock_t *l, u8 mode, int rc, uintptr_t pc,
		     uintptr_t sp)
{
	if (d->waits)
		lock_wait_end(&d->w);
	if (d->t && rc == 0)
		took(d->t, l, mode, pc, sp, false);
	failed_call(d->t,
		    mode == HELD_READ ? "pthread_rwlock_timedrdlock" : "pthread_rwlock_timedwrlock",
		    l, SYNC_rwlock, rc);
	return rc;
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *l, const struct timespec *abs)
{
	struct timed d;

	timed_begin(&d, l, HELD_READ, CALLER_PC(), CALLER_SP());
	return timed_end(&d, l, HELD_READ, REAL(pthread_rwlock_timedrdlock)(l, abs), CALLER_PC(),
			 CALLER_SP());
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *l, const struct timespec *abs)
{
	struct timed d;

	timed_begin(&d, l, HELD_WRITE, CALLER_PC(), CALLER_SP());
	return timed_end(&d, l, HELD_WRITE, REAL(pthread_rwlock_timedwrlock)(l, abs), CALLER_PC(),
			 CALLER_SP());
}

EXPORT int pthread_rwlock_clockrdlock(pthread_rwlock_t *l, clockid_t clock,
				      const struct timespec *abs)
{
	struct timed d;

	if (!REAL(pthread_rwlock_clockrdlock))
		return ENOSYS;
	timed_begin(&d, l, HELD_READ, CALLER_PC(), CALLER_SP());
	return timed_end(&d, l, HELD_READ, real.pthread_rwlock_clockrdlock(l, clock, abs),
			 CALLER_PC(), CALLER_SP());
}

EXPORT int pthread_rwlock_clockwrlock(pthread_rwlock_t *l, clockid_t clock,
				      const struct timespec *abs)
{
	struct timed d;

	if (!REAL(pthread_rwlock_clockwrlock))
		return ENOSYS;
	timed_begin(&d, l, HELD_WRITE, CALLER_PC(), CALLER_SP());
	return timed_end(&d, l, HELD_WRITE, real.pthread_rwlock_clockwrlock(l, clock, abs),
			 CALLER_PC(), CALLER_SP());
}

/* ---- unlock, births and deaths
 * --------------------------------------------------------------------------------------------------
 */

/* Not in our books as this thread's. Taken before we came, or a fault: libc's own fields decide. */
static COLD void unlock_unknown(struct thread *t, pthread_rwlock_t *l)
{
	u32 readers = __atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED);
	struct unlock u = {.addr = (u64)l, .kind = SYNC_rwlock, .flags = flags_of(l)};

	check(t, l, "unlock");
	if (u.flags & SF_PSHARED || written_by(l, t->tid))
		return;
	u.free = readers < READER && !(readers & WRITE_LOCKED);
	u.readers = readers & WRITE_LOCKED ? 0 : readers / READER;
	unlock_misuse(t, &u);
}

static COLD int unlock_slow(pthread_rwlock_t *l)
{
	struct thread *t = scope_fast();

	if (t && !held_pop_slow(t->live, (u64)l))
		unlock_unknown(t, l);
	return REAL(pthread_rwlock_unlock)(l);
}

EXPORT int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
	struct thread *t = thread_self;
	struct st_live *live;

	if (unlikely(!t || !(live = t->live) || !held_pop_last(live, (u64)l)))
		return unlock_slow(l);
	return real.pthread_rwlock_unlock(l);
}

EXPORT int pthread_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attr)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_rwlock_init)(l, attr);

	if (t && rc == 0) {
		struct sync_birth b = {.kind = SYNC_rwlock, .flags = flags_of(l)};

		lives_born(t, (u64)l, &b);
	}
	return rc;
}

/* libc's destroy does nothing, and some destroy what has been given back: only what lives in our
 * books, or in a module's data, is looked at. */
static void dies(struct thread *t, pthread_rwlock_t *l)
{
	u32 row = sync_find((u64)l, SYNC_rwlock), readers;
	struct st_live *holder;

	if (!row && !sync_find_destroyed(t, (u64)l, SYNC_rwlock) && !module_find((u64)l))
		return;
	check(t, l, "destroy");
	if (flags_of(l) & SF_PSHARED) {
		sync_died(t, (u64)l, SYNC_rwlock);
		return;
	}
	readers = __atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED);
	if ((readers >= READER || readers & WRITE_LOCKED) && (holder = held_by((u64)l, NULL)))
		lives_in_use(t, sync_see(t, (u64)l, SYNC_rwlock, flags_of(l)), "destroy", holder,
			     NULL);
	sync_destroyed(t, (u64)l, SYNC_rwlock, flags_of(l));
	*unused_of(l) = DESTROYED_MARK;
}

EXPORT int pthread_rwlock_destroy(pthread_rwlock_t *l)
{
	struct thread *t = scope_enter();

	if (t)
		dies(t, l);
	return REAL(pthread_rwlock_destroy)(l);
}
