/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_mutex_*. The uncontended pair is sacred: one look at the lock word, a push, the
 * call; a pop, the call. What a mutex's owner is comes from glibc's own field, read only by a
 * thread about to block or at a suspicious unlock.
 */
#include "base/clock.h"
#include "detect/deadlock.h"
#include "detect/failed_call.h"
#include "detect/handlers.h"
#include "detect/fork_locks.h"
#include "detect/lives.h"
#include "detect/lock_order.h"
#include "detect/spin.h"
#include "detect/unlock_misuse.h"
#include "real/real.h"
#include "state/held.h"
#include "state/holdio.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "state/thread.h"
#include "trace/event.h"
#include "wrap/lock_wait.h"
#include "wrap/mutex.h"

enum {
	KIND_TYPE = 3,
	KIND_ROBUST = 16,
	KIND_INHERIT = 32,
	KIND_PROTECT = 64,
	KIND_PSHARED = 128,
	KIND_ELIDED = 256
};

static u32 flags_of(const pthread_mutex_t *m)
{
	int k = m->__data.__kind, type = k & KIND_TYPE;

	return (type == PTHREAD_MUTEX_RECURSIVE_NP ? SF_RECURSIVE : 0) |
	       (type == PTHREAD_MUTEX_ERRORCHECK_NP ? SF_ERRORCHECK : 0) |
	       (type == PTHREAD_MUTEX_ADAPTIVE_NP ? SF_ADAPTIVE : 0) |
	       (k & KIND_ROBUST ? SF_ROBUST : 0) | (k & KIND_INHERIT ? SF_PRIO_INHERIT : 0) |
	       (k & KIND_PROTECT ? SF_PRIO_PROTECT : 0) | (k & KIND_PSHARED ? SF_PSHARED : 0);
}

COLD void mutex_look_closer(struct thread *t, const pthread_mutex_t *m, const char *call)
{
	lives_odd(t, (u64)m, SYNC_mutex, call,
		  m->__data.__kind == -1 && (u32)m->__data.__lock <= 2);
}

/* Recursive acquisition makes no order and no new entry in the graph. */
static void took(struct thread *t, pthread_mutex_t *m, uintptr_t pc, uintptr_t sp, bool waited_for)
{
	if (waited_for && t->live->nheld)
		lock_order_acquired(t, (u64)m, HELD_MUTEX);
	held_push(t, (u64)m, HELD_MUTEX, pc, sp);
}

static COLD int relock(struct thread *t, pthread_mutex_t *m, int rc)
{
	struct st_held *h = held_find(t->live, (u64)m);
	struct st_sync *s;
	struct event_misuse e = {.kind = "relock",
				 .err = errno_name(rc),
				 .addr = (u64)m,
				 .stack = stack_here(t),
				 .fd = -1,
				 .other = t->serial};

	e.other_stack = h ? stack_of_held(t, h) : 0;
	s = sync_row(sync_see(t, (u64)m, SYNC_mutex, flags_of(m)));
	e.obj = s ? s->serial : 0;
	event_misuse(t->serial, &e);
	return rc;
}

static COLD int lock_contended(struct thread *t, pthread_mutex_t *m, uintptr_t pc, uintptr_t sp)
{
	struct st_live *owner = mutex_holder((u64)m);
	struct lock_wait w;
	int rc;

	wrong_kind_waits(t, (u64)m, SYNC_mutex, "lock");
	lock_wait_begin(&w, t, CALL_mutex_lock, (u64)m,
			sync_see(t, (u64)m, SYNC_mutex, flags_of(m)), 0, pc, sp);
	lock_wait_for(&w, owner);
	if ((flags_of(m) & (SF_ERRORCHECK | SF_RECURSIVE)) && owner == t->live)
		; /* returns at once */
	else if (!deadlock_check(t))
		fork_locks_check(t);
	rc = real.pthread_mutex_lock(m);
	lock_wait_end(&w);
	if (!scope_same(t))
		return rc;
	if (lock_rc_took(rc))
		took(t, m, pc, sp, true);
	else if (rc == EDEADLK)
		relock(t, m, rc);
	else
		failed_call(t, "pthread_mutex_lock", m, SYNC_mutex, rc);
	return rc;
}

COLD int mutex_lock_from(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	int rc;

	if (!t)
		return REAL(pthread_mutex_lock)(m);
	IN_HANDLER("pthread_mutex_lock", m);
	mutex_check(t, m, "lock");
	if (m->__data.__kind & KIND_PROTECT) { /* trylock would mean something else */
		struct lock_wait w;

		lock_wait_begin(&w, t, CALL_mutex_lock, (u64)m, 0, 0, pc, sp);
		rc = real.pthread_mutex_lock(m);
		lock_wait_end(&w);
	} else if (m->__data.__kind & KIND_ROBUST) { /* glibc's trylock keeps one that is not
							recoverable locked for ever */
		if (__atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED) &&
		    (u32)m->__data.__owner != t->tid)
			return lock_contended(t, m, pc, sp);
		rc = real.pthread_mutex_lock(m);
		if (rc == EDEADLK)
			relock(t, m, rc);
	} else {
		rc = real.pthread_mutex_trylock(m);
		if (rc == EBUSY)
			return lock_contended(t, m, pc, sp);
	}
	if (scope_same(t) && lock_rc_took(rc))
		took(t, m, pc, sp, true);
	else
		failed_call(scope_fast(), "pthread_mutex_lock", m, SYNC_mutex, rc);
	return rc;
}

/* The lock was free a moment ago, but the call returned an error: what mutex_lock_from() would make
 * of it. */
static COLD int lock_odd(pthread_mutex_t *m, int rc, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_fast();

	if (!t)
		return rc;
	held_not_got(t->live);
	if (lock_rc_took(rc))
		took(t, m, pc, sp, true);
	else
		mutex_check(t, m, "lock");
	failed_call(t, "pthread_mutex_lock", m, SYNC_mutex, rc);
	return rc;
}

/* A handler came between: it used our place in the list, or it forked and this is the child. */
static COLD int lock_disturbed(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_fast();

	if (t && t->live->acquiring) {
		held_not_got(t->live);
		took(t, m, pc, sp, true);
	}
	return 0;
}

static __attribute__((noinline)) int lock_deeper(struct thread *t, struct st_live *l,
						 pthread_mutex_t *m)
{
	lock_order_acquired(t, (u64)m, HELD_MUTEX);
	held_count(l, l->nheld + 1, 0);
	return 0;
}

static __attribute__((noinline)) int lock_nested(struct thread *t, struct st_live *l,
						 pthread_mutex_t *m)
{
	if (likely(l->nheld == 1 && lock_order_known(t, &l->held[0], (u64)m,
						     lock_order_gate(HELD_MUTEX, &l->held[0])))) {
		held_count(l, 2, 0);
		return 0;
	}
	return lock_deeper(t, l, m);
}

/* A free mutex goes straight into libc (its trylock is slower), announced by the entry that will
 * say "held". Should somebody be faster between our look and libc's, the wait has no age and no
 * stack, but it is in the graph: whoever completes a ring later finds it. Written so that only `m`
 * lives across the call: what else is needed is read again, which is cheaper than saving registers.
 */
EXPORT int pthread_mutex_lock(pthread_mutex_t *m)
{
	struct thread *t = thread_self;
	uintptr_t pc = CALLER_PC(), sp = CALLER_SP();
	struct context *c;
	struct st_live *l;
	u64 n;
	int rc;

	if (unlikely(!t || !(l = t->live) || __atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED) ||
		     (n = held_both(l)) >= HELD_MAX))
		return mutex_lock_from(m, pc, sp);
	c = stack_context_at(t, pc, sp);
	if (unlikely(!stack_context_is(c, pc, sp)))
		return mutex_lock_from(m, pc, sp);
	held_try_known(l, n, (u64)m, HELD_MUTEX, c->stack, pc, sp);
	rc = real.pthread_mutex_lock(m);
	if (unlikely(rc))
		return lock_odd(m, rc, CALLER_PC(), CALLER_SP());
	t = thread_self_again(); /* never NULL here, whatever a handler did */
	if (unlikely(!(l = t->live) || (n = held_announced_at(l)) >= HELD_MAX ||
		     l->held[n].addr != (u64)m))
		return lock_disturbed(m, CALLER_PC(), CALLER_SP());
	if (n)
		return lock_nested(t, l, m);
	held_count(l, 1, 0);
	return 0;
}

int mutex_trylock_from(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();

	IN_HANDLER("pthread_mutex_trylock", m);
	int rc = REAL(pthread_mutex_trylock)(m);

	spin_tried(t, CALL_mutex_trylock, (u64)m, rc);
	if (t && lock_rc_took(rc))
		took(t, m, pc, sp, false);
	else if (t)
		mutex_check(t, m, "try-lock");
	if (rc == EINVAL)
		failed_call(t, "pthread_mutex_trylock", m, SYNC_mutex, rc);
	return rc;
}

EXPORT int pthread_mutex_trylock(pthread_mutex_t *m)
{
	return mutex_trylock_from(m, CALLER_PC(), CALLER_SP());
}

/* A lock with a time limit backs off by itself: it makes no order and no ring. */
static int timed_lock(pthread_mutex_t *m, clockid_t clock, bool with_clock,
		      const struct timespec *abs, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	struct lock_wait w = {0};
	bool contended;
	int rc;

	IN_HANDLER(with_clock ? "pthread_mutex_clocklock" : "pthread_mutex_timedlock", m);
	if (t)
		mutex_check(t, m, "lock");
	contended = t && __atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED) != 0;
	if (contended)
		lock_wait_begin(&w, t, CALL_mutex_lock, (u64)m,
				sync_see(t, (u64)m, SYNC_mutex, flags_of(m)), WF_TIMED, pc, sp);
	rc = with_clock ? REAL(pthread_mutex_clocklock)(m, clock, abs)
			: REAL(pthread_mutex_timedlock)(m, abs);
	if (contended)
		lock_wait_end(&w);
	if (t && scope_same(t) && lock_rc_took(rc))
		took(t, m, pc, sp, false);
	else if (t && rc == EDEADLK)
		relock(t, m, rc);
	else
		failed_call(t, with_clock ? "pthread_mutex_clocklock" : "pthread_mutex_timedlock",
			    m, SYNC_mutex, rc);
	return rc;
}

int mutex_timedlock_from(pthread_mutex_t *m, const struct timespec *abs, uintptr_t pc, uintptr_t sp)
{
	return timed_lock(m, 0, false, abs, pc, sp);
}
EXPORT int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *abs)
{
	return mutex_timedlock_from(m, abs, CALLER_PC(), CALLER_SP());
}
EXPORT int pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *abs)
{
	if (!REAL(pthread_mutex_clocklock))
		return ENOSYS;
	return timed_lock(m, clock, true, abs, CALLER_PC(), CALLER_SP());
}

/* Not in our books as this thread's. Only what glibc's own fields confirm is a fault: the mutex may
 * have been taken before we came, or while this thread passed through. */
static COLD void unlock_unknown(struct thread *t, pthread_mutex_t *m, uintptr_t sp)
{
	struct st_live *l = t->live;
	u32 owner = (u32)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED);
	int kind = m->__data.__kind;
	struct unlock u = {.addr = (u64)m, .kind = SYNC_mutex};

	if (l->wait_call == CALL_cond_wait && l->wait_with_addr == (u64)m &&
	    (owner == t->tid || sp >= l->wait_sp)) {
		sync_forsaken(t); /* cancelled in a wait: it holds its mutex again */
		return;
	}
	mutex_check(t, m, "unlock");
	if (mutex_odd(m) || kind & (KIND_PSHARED | KIND_ELIDED) || owner == t->tid)
		return;
	u.flags = flags_of(m);
	u.free = owner == 0 && __atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED) == 0;
	if (u.flags & (SF_ERRORCHECK | SF_RECURSIVE | SF_ROBUST | SF_PRIO_INHERIT))
		u.err = "EPERM";
	if (u.free || owner)
		unlock_misuse(t, &u);
}

static COLD int unlock_slow(pthread_mutex_t *m, uintptr_t sp)
{
	struct thread *t = scope_fast();
	int rc;

	if (t && !held_pop_slow(t->live, (u64)m))
		unlock_unknown(t, m, sp);
	rc = REAL(pthread_mutex_unlock)(m);
	failed_call(t, "pthread_mutex_unlock", m, SYNC_mutex, rc);
	return rc;
}

int mutex_unlock_from(pthread_mutex_t *m, uintptr_t sp)
{
	struct thread *t = scope_fast();

	if (t && held_pop_last(t->live, (u64)m))
		return real.pthread_mutex_unlock(m);
	return unlock_slow(m, sp);
}

EXPORT int pthread_mutex_unlock(pthread_mutex_t *m)
{
	struct thread *t = thread_self;
	struct st_live *l;

	if (unlikely(!t || !(l = t->live) || !held_pop_last(l, (u64)m)))
		return unlock_slow(m, CALLER_SP());
	return real.pthread_mutex_unlock(m);
}

void mutex_born(struct thread *t, pthread_mutex_t *m, u32 flags)
{
	struct sync_birth b = {.kind = SYNC_mutex, .flags = flags_of(m) | flags};

	lives_init(t, (u64)m, SYNC_mutex);
	while (t->live && held_find(t->live, (u64)m) && held_pop(t, (u64)m))
		; /* made anew while held: in a forked child, for one */
	sync_born(t, (u64)m, &b);
}

EXPORT int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_mutex_init)(m, attr);

	if (t && rc == 0)
		mutex_born(t, m, 0);
	failed_call(t, "pthread_mutex_init", m, SYNC_mutex, rc);
	return rc;
}

u32 mutex_dies(struct thread *t, pthread_mutex_t *m)
{
	u32 flags = flags_of(m);
	struct st_live *holder;

	mutex_check(t, m, "destroy");
	if (m->__data.__lock && !(flags & SF_PSHARED) && (holder = held_by((u64)m, NULL)))
		lives_in_use(t, sync_see(t, (u64)m, SYNC_mutex, flags), "destroy", holder,
			     flags & SF_ROBUST ? NULL : "EBUSY");
	return flags;
}

void mutex_dead(struct thread *t, pthread_mutex_t *m, u32 flags)
{
	if (m->__data.__kind == -1)
		sync_destroyed(t, (u64)m, SYNC_mutex, flags);
}

EXPORT int pthread_mutex_destroy(pthread_mutex_t *m)
{
	struct thread *t = scope_enter();
	u32 flags = t ? mutex_dies(t, m) : 0;
	int rc = REAL(pthread_mutex_destroy)(m);

	if (t && rc == 0)
		mutex_dead(t, m, flags);
	failed_call(t, "pthread_mutex_destroy", m, SYNC_mutex, rc);
	return rc;
}

EXPORT int pthread_mutex_consistent(pthread_mutex_t *m)
{
	int rc = REAL(pthread_mutex_consistent)(m);

	failed_call(scope_enter(), "pthread_mutex_consistent", m, SYNC_mutex, rc);
	return rc;
}
