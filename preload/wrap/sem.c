/* SPDX-License-Identifier: MIT */
/*
 * Owns: sem_*. A pair on a semaphore that is not at zero is the second fastest thing a program does
 * (7 ns): it reads the value, writes the bare wait record into its own live row (the call is a
 * cancellation point and may block after all, if somebody is faster), and looks into the thread's
 * memo of roles. Everything else is for those who find zero, or somebody waiting.
 *
 * sem_post is async-signal-safe: it takes no lock of ours but at a thread's first post to a
 * semaphore (with signals blocked).
 */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>

#include "detect/lives.h"
#include "detect/sem_excess.h"
#include "detect/spin.h"
#include "detect/failed_call.h"
#include "detect/handlers.h"
#include "detect/wrong_kind.h"
#include "real/real.h"
#include "state/roles.h"
#include "trace/event.h"
#include "wrap/lock_wait.h"
#include "wrap/object_wait.h"
#include "wrap/ordering.h"

/* glibc on 64 bits: the value, then the number of those who wait. */
struct sem_words {
	u32 value, waiters;
};
/* Both in one look: SEM_VALUE_MAX or more where a post is anything but an addition. */
static inline u64 words_of(const sem_t *s)
{
	return __atomic_load_n((const u64 *)(const void *)s, __ATOMIC_RELAXED);
}
static inline u32 value_of(const sem_t *s)
{
	return __atomic_load_n(&((const struct sem_words *)(const void *)s)->value,
			       __ATOMIC_RELAXED);
}
static inline u32 waiters_of(const sem_t *s)
{
	return __atomic_load_n(&((const struct sem_words *)(const void *)s)->waiters,
			       __ATOMIC_RELAXED);
}

static inline u64 memo_key(const sem_t *s)
{
	return (u64)s ^ (u64)__atomic_load_n(&sync_sems_died, __ATOMIC_RELAXED) << 48;
}
static inline size_t memo_index(const sem_t *s)
{
	return ((uintptr_t)s >> 5) % SEMS;
}
static inline struct sem_memo *memo_of(struct thread *t, const sem_t *s)
{
	return &t->sems[memo_index(s)];
}

/* libc uses half of the bytes, and leaves no trace of a destroy: of what we know to live we mark
 * the other half, from inside the call. */
#define DESTROYED_MARK 0x64657374726f7965ull
enum { WAITERS_MANY = 1 << 20, FUTEX_SHARED = 128 };
static inline u64 *unused_of(const sem_t *s)
{
	return (u64 *)(uintptr_t)s + 2;
}

/* It is about to be used: destroyed, or never made? */
static void check(struct thread *t, const sem_t *s, const char *call)
{
	u32 shared = ((const u32 *)(const void *)s)[2];
	bool garbage = value_of(s) > SEM_VALUE_MAX || waiters_of(s) > WAITERS_MANY ||
		       (shared && shared != FUTEX_SHARED);

	if (unlikely(garbage || *unused_of(s) == DESTROYED_MARK))
		lives_odd(t, (u64)s, SYNC_sem, call, !garbage);
}

/* How often a thread's posts, or waits, on a semaphore go the long way, on which their order is
 * seen, until its memo lets them pass; in diagnose mode all do. The memo is mixed with what is
 * left.
 */
enum { SEEN_FIRST = 7 };

static COLD void note_role(struct thread *t, sem_t *s, u32 role)
{
	u64 key = memo_key(s) + SEEN_FIRST;
	struct st_sync *o;

	if (!wrong_kind_check(t, (u64)s, SYNC_sem, role == ROLE_SENDS ? "post" : "wait"))
		check(t, s, role == ROLE_SENDS ? "post" : "wait");
	o = sync_row(sync_see(t, (u64)s, SYNC_sem, 0));

	if (o)
		role_note(t, ROLE_SYNC, o->serial, 0, role);
	if (role == ROLE_SENDS)
		memo_of(t, s)->posts = key;
	else
		memo_of(t, s)->waits = key;
	if (handler_now)
		return;
	if (role == ROLE_SENDS)
		t->sem_serials[memo_index(s)].posts = o ? o->serial : 0;
	else
		t->sem_serials[memo_index(s)].waits = o ? o->serial : 0;
}
static inline bool waits(struct thread *t, sem_t *s)
{
	bool first = memo_of(t, s)->waits - memo_key(s) > SEEN_FIRST;

	if (unlikely(first))
		note_role(t, s, ROLE_RECEIVES);
	return first;
}

/* The same for a wait that may block: then it is noted each time, so that its count tells a thread
 * that has received before from one that waits for the first time. */
static void waits_long(struct thread *t, sem_t *s)
{
	struct st_sync *o;

	if (waits(t, s) || value_of(s))
		return;
	o = sync_row(sync_find((u64)s, SYNC_sem));
	if (o)
		role_note(t, ROLE_SYNC, o->serial, 0, ROLE_RECEIVES);
}

/* One more was seen. True with the last one: from now on there may be some unseen. */
static bool may_pass(const sem_t *s, u64 *memo)
{
	return !order_all() && *memo - memo_key(s) - 1 < SEEN_FIRST && --*memo == memo_key(s);
}

/* A wait has taken a token; after the call. */
static void took(sem_t *s)
{
	struct thread *t = scope_fast();
	struct st_sync *o = t ? sync_row(sync_find((u64)s, SYNC_sem)) : NULL;

	if (!o)
		return;
	order_acquire(t, ordering_of_sync(o, 0));
	if (may_pass(s, &memo_of(t, s)->waits))
		order_may_acquire(t, ordering_of_sync(o, 0));
}

/* One is about to be given; before the call. */
static void gives(struct thread *t, const sem_t *s, const struct st_sync *o)
{
	order_release(t, ordering_of_sync(o, 0));
	if (may_pass(s, &memo_of(t, s)->posts))
		order_may_release(t, ordering_of_sync(o, 0));
}

/* ---- waiting
 * ---------------------------------------------------------------------------------------------------------------------
 */

static COLD int wait_slow(sem_t *s, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	struct object_wait w;
	int rc;

	if (!t)
		return REAL(sem_wait)(s);
	IN_HANDLER("sem_wait", s);
	waits_long(t, s);
	if (order_all() && value_of(s) && t->live->wait_call == CALL_none) {
		/* as the fast path: no clock is read for a wait that finds a token */
		wait_bare(t->live, CALL_sem_wait, (u64)s, pc, sp);
		rc = real.sem_wait(s);
		wait_bare_end(thread_self);
		if (rc == 0 && scope_same(t) && !handler_now)
			order_acquire(
			    t, order_key(ORDER_SYNC, t->sem_serials[memo_index(s)].waits, 0));
		else if (rc == 0)
			took(s);
		return rc;
	}
	/* With a token there it is no wait to be counted. */
	object_wait_begin(&w, t, CALL_sem_wait, (u64)s,
			  value_of(s) ? 0 : sync_see(t, (u64)s, SYNC_sem, 0), 0, pc, sp);
	rc = real.sem_wait(s);
	object_wait_end(&w);
	if (rc == 0)
		took(s);
	return rc;
}

EXPORT int sem_wait(sem_t *s)
{
	struct thread *t = thread_self;
	struct st_live *l;
	int rc;

	if (unlikely(!t || !(l = t->live) || !value_of(s) || l->wait_call != CALL_none ||
		     memo_of(t, s)->waits != memo_key(s)))
		return wait_slow(s, CALLER_PC(), CALLER_SP());
	wait_bare(l, CALL_sem_wait, (u64)s, CALLER_PC(), CALLER_SP());
	rc = real.sem_wait(s);
	wait_bare_end(thread_self);
	return rc;
}

static COLD int timed_wait(sem_t *s, clockid_t clock, bool with_clock, const struct timespec *abs,
			   uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_enter();
	struct object_wait w;
	int rc;

	if (t) {
		IN_HANDLER(with_clock ? "sem_clockwait" : "sem_timedwait", s);
		waits_long(t, s);
		object_wait_begin(&w, t, CALL_sem_wait, (u64)s, sync_see(t, (u64)s, SYNC_sem, 0),
				  WF_TIMED, pc, sp);
	}
	rc = with_clock ? REAL(sem_clockwait)(s, clock, abs) : REAL(sem_timedwait)(s, abs);
	if (t)
		object_wait_end(&w);
	if (t && rc == 0)
		took(s);
	else if (rc)
		failed_call(t, with_clock ? "sem_clockwait" : "sem_timedwait", s, SYNC_sem, errno);
	return rc;
}

EXPORT int sem_timedwait(sem_t *s, const struct timespec *abs)
{
	return timed_wait(s, 0, false, abs, CALLER_PC(), CALLER_SP());
}

EXPORT int sem_clockwait(sem_t *s, clockid_t clock, const struct timespec *abs)
{
	if (!REAL(sem_clockwait)) {
		errno = ENOSYS;
		return -1;
	}
	return timed_wait(s, clock, true, abs, CALLER_PC(), CALLER_SP());
}

EXPORT int sem_trywait(sem_t *s)
{
	struct thread *t = scope_enter();
	int rc;

	if (t)
		waits(t, s);
	rc = REAL(sem_trywait)(s);
	if (t && rc == 0)
		took(s);
	spin_tried(t, CALL_sem_trywait, (u64)s, rc ? errno : 0);
	return rc;
}

EXPORT int sem_getvalue(sem_t *s, int *value)
{
	return REAL(sem_getvalue)(s, value);
}

/* ---- posting
 * ----------------------------------------------------------------------------------------------------------------------
 */

static COLD void overflow(struct thread *t, sem_t *s)
{
	struct st_sync *o = sync_row(sync_see(t, (u64)s, SYNC_sem, 0));
	struct event_misuse e = {.kind = "semaphore-misuse",
				 .err = "EOVERFLOW",
				 .detail = "overflow",
				 .addr = (u64)s,
				 .fd = -1,
				 .stack = stack_here(t),
				 .obj = o ? o->serial : 0};

	event_misuse(t->serial, &e);
}

/* The first post, one that somebody waits for, or one too many. */
static COLD int post_slow(sem_t *s)
{
	struct thread *t = scope_enter();
	struct st_sync *o;

	if (!t)
		return REAL(sem_post)(s);
	if (memo_of(t, s)->posts - memo_key(s) > SEEN_FIRST)
		note_role(t, s, ROLE_SENDS);
	if (order_all() && words_of(s) < SEM_VALUE_MAX && !handler_now) {
		order_release(t, order_key(ORDER_SYNC, t->sem_serials[memo_index(s)].posts, 0));
		return REAL(sem_post)(s);
	}
	if (value_of(s) == SEM_VALUE_MAX)
		overflow(t, s);
	o = sync_row(sync_find((u64)s, SYNC_sem));
	if (o) {
		gives(t, s, o);
		__atomic_fetch_add(&o->posts, 1, __ATOMIC_RELAXED);
		o->last_poster = t->serial;
		if (waiters_of(s))
			o->woken = clock_now();
	}
	return REAL(sem_post)(s);
}

EXPORT int sem_post(sem_t *s)
{
	struct thread *t = thread_self;

	if (unlikely(!t || !t->live || words_of(s) >= SEM_VALUE_MAX ||
		     memo_of(t, s)->posts != memo_key(s)))
		return post_slow(s);
	return real.sem_post(s);
}

/* ---- births and deaths
 * --------------------------------------------------------------------------------------------------------------
 */

EXPORT int sem_init(sem_t *s, int pshared, unsigned value)
{
	struct thread *t = scope_enter();
	int rc = REAL(sem_init)(s, pshared, value);

	if (t && rc == 0) {
		struct sync_birth b = {
		    .kind = SYNC_sem, .value = value, .flags = pshared ? SF_PSHARED : 0};

		if (*unused_of(s) == DESTROYED_MARK)
			*unused_of(s) = 0;
		lives_born(t, (u64)s, &b);
	} else if (rc) {
		failed_call(t, "sem_init", s, SYNC_sem, errno);
	}
	return rc;
}

static void destroyed_under(struct thread *t, const sem_t *s, const struct st_sync *o)
{
	const struct st_live *waiter = live_waiting(CALL_sem_wait, (u64)s);
	struct event_misuse e = {.kind = "semaphore-misuse",
				 .detail = "destroy",
				 .addr = (u64)s,
				 .fd = -1,
				 .obj = o->serial};

	if (waiter) {
		e.other = waiter->thread;
		e.other_stack = waiter->wait_stack;
	}
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

/* libc's destroy does nothing, and some destroy what has been given back: only what lives in our
 * books is looked at. */
static void dies(struct thread *t, sem_t *s)
{
	struct st_sync *o = sync_row(sync_find((u64)s, SYNC_sem));

	if (!o && sync_find_destroyed(t, (u64)s, SYNC_sem))
		check(t, s, "destroy");
	else if (!o)
		wrong_kind_check(t, (u64)s, SYNC_sem, "destroy");
	if (!o)
		return;
	if (o->waiters && waiters_of(s) && !value_of(s))
		destroyed_under(t, s, o);
	sem_excess_check(t, sync_find((u64)s, SYNC_sem), value_of(s));
	if (!(o->flags & (SF_PSHARED | SF_NAMED)))
		*unused_of(s) = DESTROYED_MARK;
	sync_destroyed(t, (u64)s, SYNC_sem, 0);
}

EXPORT int sem_destroy(sem_t *s)
{
	struct thread *t = scope_enter();

	if (t)
		dies(t, s);
	return REAL(sem_destroy)(s);
}

/* The same name gives the same address while it is open: one object, counted. */
static void opened(struct thread *t, sem_t *s, const char *name, bool created, unsigned value)
{
	struct sync_birth b = {.kind = SYNC_sem,
			       .flags = SF_NAMED | SF_PSHARED,
			       .name = name,
			       .value = created ? value : value_of(s)};
	u32 row = sync_find((u64)s, SYNC_sem);
	struct st_sync *o = sync_row(row);

	if (!o || !(o->flags & SF_NAMED))
		o = sync_row(sync_born(t, (u64)s, &b));
	if (o)
		__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
}

EXPORT sem_t *sem_open(const char *name, int flags, ...)
{
	struct thread *t = scope_enter();
	mode_t mode = 0;
	unsigned value = 0;
	sem_t *s;

	if (flags & O_CREAT) {
		va_list ap;

		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		value = va_arg(ap, unsigned);
		va_end(ap);
	}
	IN_HANDLER("sem_open", 0);
	if (t)
		t->in_library++; /* its descriptor is opened and closed inside */
	s = REAL(sem_open)(name, flags, mode, value);
	if (t)
		t->in_library--;
	if (t && s != SEM_FAILED)
		opened(t, s, name, flags & O_CREAT, value);
	return s;
}

EXPORT int sem_close(sem_t *s)
{
	struct thread *t = scope_enter();
	struct st_sync *o = t ? sync_row(sync_find((u64)s, SYNC_sem)) : NULL;

	if (o && o->flags & SF_NAMED && __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) == 0)
		sync_died(t, (u64)s, SYNC_sem);
	return REAL(sem_close)(s);
}

EXPORT int sem_unlink(const char *name)
{
	return REAL(sem_unlink)(name);
}
