/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_cond_*. A wait gives its mutex up and has it again when it returns, for whatever
 * reason; libc does both out of our sight (G6). A wait that is cancelled never returns here: the
 * unlock of its cleanup handler finds the wait record still set (wrap/mutex.c).
 */
#include "base/clock.h"
#include "detect/cond_misuse.h"
#include "detect/lives.h"
#include "detect/failed_call.h"
#include "detect/handlers.h"
#include "detect/lock_order.h"
#include "detect/timers.h"
#include "detect/wrong_kind.h"
#include "real/real.h"
#include "state/held.h"
#include "state/roles.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"
#include "wrap/cond_wait.h"
#include "wrap/lock_wait.h"
#include "wrap/mutex.h"
#include "wrap/ordering.h"

void cond_wait_begin(struct cond_wait *w, struct thread *t, void *c, void *m, u32 flags,
		     uintptr_t pc, uintptr_t sp)
{
	struct st_sync *s, *with;
	struct st_held *h = held_find(t->live, (u64)m);
	struct wait wait = {.call = CALL_cond_wait,
			    .addr = (u64)c,
			    .fd = -1,
			    .flags = flags | WF_REGISTERED,
			    .with_addr = (u64)m};

	IN_HANDLER("pthread_cond_wait", c);
	if (!wrong_kind_check(t, (u64)c, SYNC_cond, "wait"))
		cond_check(t, c, "wait");
	mutex_check(t, m, "wait");
	w->t = t;
	w->row = sync_see(t, (u64)c, SYNC_cond, 0);
	s = sync_row(w->row);
	with = sync_row(sync_see(t, (u64)m, SYNC_mutex, 0));
	w->serial = s ? s->serial : 0;
	w->had = h != NULL;
	w->timed = flags & WF_TIMED;
	timers_watch(t, sp, CALL_cond_wait, -1, (u64)c);
	cond_misuse_check(t, c, m, s, with, w->had);
	if (h) {
		w->held = *h;
		held_pop(t, (u64)m);
	}
	if (s) {
		wait.obj = s->serial;
		wait.with = with ? with->serial : 0;
		s->with = wait.with;
		__atomic_fetch_add(&s->waiters, 1, __ATOMIC_RELAXED);
		role_note(t, ROLE_SYNC, s->serial, 0, ROLE_RECEIVES);
	}
	wait.stack = stack_context(t, pc, sp);
	w->since = clock_now();
	wait_begin(t, &w->outer, &wait, pc, sp, w->since);
}

void cond_wait_end(struct cond_wait *w, bool woken)
{
	struct st_live *l = w->t->live;
	struct st_sync *s;

	if (w->t != thread_self)
		return;
	s = sync_row(w->row);
	wait_end(w->t, &w->outer);
	if (s && s->serial == w->serial) {
		if (woken && __atomic_load_n(&s->value, __ATOMIC_RELAXED))
			order_acquire(w->t, ordering_of_sync(s, 0));
		__atomic_fetch_sub(&s->waiters, 1, __ATOMIC_RELAXED);
		if (!w->timed && __atomic_load_n(&s->value, __ATOMIC_RELAXED))
			__atomic_fetch_sub(&s->value, 1, __ATOMIC_RELAXED);
		s->used_by = w->t->serial;
	}
	if (!w->had || !l)
		return;
	for (u32 n = l->nheld; n < HELD_MAX;) {
		l->held[n] = w->held;
		held_count(l, n, 1);
		if (held_announced(l, w->held.addr))
			break;
	}
	held_count(l, l->nheld + 1, 0);
}

/* `value` counts those who were woken and are not back yet; it may be too high, never too low. */
static void wake(struct st_sync *s, bool all)
{
	u32 waiters = __atomic_load_n(&s->waiters, __ATOMIC_RELAXED);

	if (all)
		__atomic_store_n(&s->value, waiters, __ATOMIC_RELAXED);
	else if (__atomic_load_n(&s->value, __ATOMIC_RELAXED) < waiters)
		__atomic_fetch_add(&s->value, 1, __ATOMIC_RELAXED);
}

/* Those whom it wakes come after it; with nobody under way from an earlier one, after that alone.
 */
static void ordering_wakes(struct thread *t, const struct st_sync *s)
{
	if (__atomic_load_n(&s->value, __ATOMIC_RELAXED))
		order_release(t, ordering_of_sync(s, 0));
	else
		order_release_anew(t, ordering_of_sync(s, 0));
}

/* Nobody hears it: remembered with its place, as it may be what somebody will wait for. */
static void unheard(struct st_sync *s, struct thread *t, uintptr_t pc, uintptr_t sp)
{
	s->unheard++;
	s->unheard_at = clock_coarse();
	s->unheard_by = t->serial;
	s->unheard_stack = stack_context(t, pc, sp);
}

static struct cond_memo *memo_of(struct thread *t, const void *c)
{
	return &t->conds[(uintptr_t)c / 16 % CONDS];
}

static void remember(struct thread *t, const void *c)
{
	if (!handler_now)
		*memo_of(t, c) = (struct cond_memo){.addr = (uintptr_t)c,
						    .row = sync_find((u64)c, SYNC_cond),
						    .generation = sync_generation((u64)c)};
}

/* As before, but for the time: the usual case of a queue that is being filled. A role from inside a
 * handler is another one, and a destroyed condition variable has a generation more. */
static bool unheard_again(struct thread *t, const void *c, uintptr_t pc, uintptr_t sp)
{
	const struct cond_memo *m = memo_of(t, c);
	struct st_sync *s;

	if (m->addr != (uintptr_t)c || handler_now || m->generation != sync_generation((u64)c) ||
	    !(s = sync_row(m->row)))
		return false;
	s->posts++;
	unheard(s, t, pc, sp);
	s->last_poster = t->serial;
	return true;
}

void cond_posted(struct thread *t, void *c, bool all, uintptr_t pc, uintptr_t sp)
{
	bool nobody = cond_nobody_waits(c);
	u32 row = sync_find((u64)c, SYNC_cond);
	struct st_sync *s;

	if (nobody && unheard_again(t, c, pc, sp))
		return;
	IN_HANDLER(all ? "pthread_cond_broadcast" : "pthread_cond_signal", c);
	if (likely(row) || !wrong_kind_check(t, (u64)c, SYNC_cond, all ? "broadcast" : "signal"))
		cond_check(t, c, all ? "broadcast" : "signal");
	s = sync_row(row);
	if (nobody && (!s || s->flags & SF_STACK))
		s = sync_row(sync_see(t, (u64)c, SYNC_cond, 0));
	timers_watch(t, sp, CALL_cond_signal, -1, (u64)c);
	if (!s)
		return;
	s->posts++;
	if (nobody) {
		unheard(s, t, pc, sp);
		remember(t, c);
	} else {
		s->woken = clock_now();
		ordering_wakes(t, s);
	}
	wake(s, all);
	s->last_poster = t->serial;
	role_note(t, ROLE_SYNC, s->serial, 0, ROLE_SENDS);
}

/* glibc keeps the number of waiters above three flag bits: process-shared, clock, and that it was
 * destroyed. Where that word lies has changed (2.41): asked of a destroy. */
enum { WREFS_SHARED = 1, WREFS_DESTROYED = 4, WREFS_MANY = 1 << 20, WORD_2_36 = 9 };
static u32 wrefs_word;

static COLD u32 wrefs_look(void)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	const u32 *w = (const void *)&c;
	u32 found = WORD_2_36;

	if (REAL(pthread_cond_destroy)(&c) == 0)
		for (u32 i = 0; i < sizeof(c) / sizeof(*w); i++)
			if (w[i] == WREFS_DESTROYED)
				found = i;
	__atomic_store_n(&wrefs_word, found, __ATOMIC_RELAXED);
	return found;
}

static inline u32 wrefs_of(const void *cond)
{
	u32 at = __atomic_load_n(&wrefs_word, __ATOMIC_RELAXED);

	if (unlikely(!at))
		at = wrefs_look();
	return __atomic_load_n((const u32 *)cond + at, __ATOMIC_RELAXED);
}

bool cond_nobody_waits(const void *cond)
{
	return wrefs_of(cond) >> 3 == 0;
}

/* The first word counts waits, twice. */
void cond_check(struct thread *t, const void *cond, const char *call)
{
	u32 wrefs = wrefs_of(cond);
	bool garbage =
	    wrefs >> 3 > WREFS_MANY || __atomic_load_n((const u64 *)cond, __ATOMIC_RELAXED) >> 34;

	if (unlikely(garbage || wrefs & WREFS_DESTROYED))
		lives_odd(t, (u64)cond, SYNC_cond, call, !garbage);
}

EXPORT int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	struct thread *t = scope_enter();
	struct cond_wait w;
	int rc;

	if (!t)
		return REAL(pthread_cond_wait)(c, m);
	cond_wait_begin(&w, t, c, m, 0, CALLER_PC(), CALLER_SP());
	rc = real.pthread_cond_wait(c, m);
	cond_wait_end(&w, rc == 0);
	failed_call(scope_fast(), "pthread_cond_wait", c, SYNC_cond, rc);
	return rc;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *abs)
{
	struct thread *t = scope_enter();
	struct cond_wait w;
	int rc;

	if (!t)
		return REAL(pthread_cond_timedwait)(c, m, abs);
	cond_wait_begin(&w, t, c, m, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = real.pthread_cond_timedwait(c, m, abs);
	cond_wait_end(&w, rc == 0);
	failed_call(scope_fast(), "pthread_cond_timedwait", c, SYNC_cond, rc);
	return rc;
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
				  const struct timespec *abs)
{
	struct thread *t = scope_enter();
	struct cond_wait w;
	int rc;

	if (!REAL(pthread_cond_clockwait))
		return ENOSYS;
	if (!t)
		return real.pthread_cond_clockwait(c, m, clock, abs);
	cond_wait_begin(&w, t, c, m, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = real.pthread_cond_clockwait(c, m, clock, abs);
	cond_wait_end(&w, rc == 0);
	failed_call(scope_fast(), "pthread_cond_clockwait", c, SYNC_cond, rc);
	return rc;
}

EXPORT int pthread_cond_signal(pthread_cond_t *c)
{
	struct thread *t = scope_enter();

	if (t)
		cond_posted(t, c, false, CALLER_PC(), CALLER_SP());
	return REAL(pthread_cond_signal)(c);
}

EXPORT int pthread_cond_broadcast(pthread_cond_t *c)
{
	struct thread *t = scope_enter();

	if (t)
		cond_posted(t, c, true, CALLER_PC(), CALLER_SP());
	return REAL(pthread_cond_broadcast)(c);
}

EXPORT int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *attr)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_cond_init)(c, attr);

	if (t && rc == 0) {
		struct sync_birth b = {.kind = SYNC_cond};

		lives_born(t, (u64)c, &b);
	}
	return rc;
}

/* Those who were woken may still be inside: libc waits for them. For the others it waits for ever.
 */
void cond_dies(struct thread *t, void *c)
{
	u32 row = sync_find((u64)c, SYNC_cond), flags = wrefs_of(c) & WREFS_SHARED ? SF_PSHARED : 0;
	struct st_sync *s = sync_row(row);
	struct st_live *waiter;

	if (!wrong_kind_check(t, (u64)c, SYNC_cond, "destroy"))
		cond_check(t, c, "destroy");
	if (s && s->waiters > s->value && !cond_nobody_waits(c) && !flags &&
	    (waiter = live_waiting(CALL_cond_wait, (u64)c)))
		lives_in_use(t, row, "destroy", waiter, NULL);
	sync_destroyed(t, (u64)c, SYNC_cond, flags);
}

EXPORT int pthread_cond_destroy(pthread_cond_t *c)
{
	struct thread *t = scope_enter();

	if (t)
		cond_dies(t, c);
	return REAL(pthread_cond_destroy)(c);
}
