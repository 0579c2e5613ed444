/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_barrier_*. Each wait is registered: whoever comes to a barrier but last must wait.
 */
#include <errno.h>
#include <limits.h>

#include "detect/lives.h"
#include "detect/failed_call.h"
#include "detect/handlers.h"
#include "detect/wrong_kind.h"
#include "real/real.h"
#include "state/roles.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"
#include "wrap/object_wait.h"
#include "wrap/ordering.h"

/* glibc's: arrivals so far, and which of them was the last of the round before. */
struct barrier_words {
	u32 in, round, count, shared, out;
};
enum { IN_MAX = INT_MAX, FUTEX_SHARED = 128 };
static inline const struct barrier_words *words_of(const pthread_barrier_t *b)
{
	return (const void *)b;
}

/* It is about to be used: destroyed (which sets the exits to the most there can be in a round), or
 * never made? Zeros are no barrier: libc would divide by the count. */
static void check(struct thread *t, const pthread_barrier_t *b, const char *call)
{
	const struct barrier_words *w = words_of(b);
	bool garbage = !w->count || w->count > IN_MAX || (w->shared && w->shared != FUTEX_SHARED);

	if (wrong_kind_check(t, (u64)b, SYNC_barrier, call))
		return;
	if (unlikely(garbage || w->out == IN_MAX - IN_MAX % w->count))
		lives_odd(t, (u64)b, SYNC_barrier, call, !garbage);
}

/* Does somebody stand there whom this round has not let go yet? */
static struct st_live *stands_there(const pthread_barrier_t *b, const struct st_sync *s)
{
	const struct barrier_words *w = words_of(b);
	u32 in, round;

	if (!s || !s->value || !s->waiters || s->flags & SF_PSHARED)
		return NULL;
	in = __atomic_load_n(&w->in, __ATOMIC_RELAXED);
	round = __atomic_load_n(&w->round, __ATOMIC_RELAXED);
	return in > round && (in - round) % s->value ? live_waiting(CALL_barrier_wait, (u64)b)
						     : NULL;
}

/* An init over a barrier at which somebody waits forgets him. Before the call. */
static COLD void made_anew(struct thread *t, const pthread_barrier_t *b)
{
	struct st_sync *s = sync_row(sync_find((u64)b, SYNC_barrier));
	struct st_live *who = stands_there(b, s);
	struct event_misuse e = {
	    .kind = "barrier-misuse", .detail = "init", .addr = (u64)b, .fd = -1};

	if (!who)
		return;
	e.obj = s->serial;
	e.other = who->thread;
	e.other_stack = who->wait_stack;
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

EXPORT int pthread_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attr,
				unsigned count)
{
	struct thread *t = scope_enter();
	int rc;

	if (t)
		made_anew(t, b);
	rc = REAL(pthread_barrier_init)(b, attr, count);

	if (t && rc == 0) {
		struct sync_birth birth = {.kind = SYNC_barrier,
					   .value = count,
					   .flags = words_of(b)->shared ? SF_PSHARED : 0};

		lives_born(t, (u64)b, &birth);
	} else if (t && rc == EINVAL && count == 0) {
		struct event_misuse e = {.kind = "barrier-misuse",
					 .err = "EINVAL",
					 .detail = "count",
					 .addr = (u64)b,
					 .fd = -1,
					 .stack = stack_here(t)};

		event_misuse(t->serial, &e);
	} else {
		failed_call(t, "pthread_barrier_init", b, SYNC_barrier, rc);
	}
	return rc;
}

/* Whoever leaves first says that all who still stand there have been let go. */
static void turned(u32 row, u32 serial)
{
	struct st_sync *s = sync_row(row);

	if (s && s->serial == serial)
		s->woken = clock_now();
}

EXPORT int pthread_barrier_wait(pthread_barrier_t *b)
{
	struct thread *t = scope_enter();
	struct object_wait w;
	u64 round = 0;
	u32 row;
	int rc;

	if (!t)
		return REAL(pthread_barrier_wait)(b);
	IN_HANDLER("pthread_barrier_wait", b);
	check(t, b, "wait");
	row = sync_see(t, (u64)b, SYNC_barrier, 0);
	object_wait_begin(&w, t, CALL_barrier_wait, (u64)b, row, 0, CALLER_PC(), CALLER_SP());
	if (w.serial)
		role_note(t, ROLE_SYNC, w.serial, 0, ROLE_RECEIVES);
	if (sync_row(row))
		round = ordering_arrives(t, sync_row(row));
	rc = real.pthread_barrier_wait(b);
	if (round && t == thread_self)
		order_acquire(t, round);
	turned(row, w.serial);
	object_wait_end(&w);
	if (rc != PTHREAD_BARRIER_SERIAL_THREAD)
		failed_call(scope_fast(), "pthread_barrier_wait", b, SYNC_barrier, rc);
	return rc;
}

/* libc's destroy waits for those who are still inside, for ever if the last one never comes: said
 * before. Those who have been let go and are on their way out are no fault: only as many as the
 * barrier can hold back count. */
static void dies(struct thread *t, const pthread_barrier_t *b, u32 row)
{
	struct st_live *who = stands_there(b, sync_row(row));

	if (who)
		lives_in_use(t, row, "destroy", who, NULL);
}

EXPORT int pthread_barrier_destroy(pthread_barrier_t *b)
{
	struct thread *t = scope_enter();
	u32 row = t ? sync_find((u64)b, SYNC_barrier) : 0;

	if (row) {
		dies(t, b, row);
		sync_destroyed(t, (u64)b, SYNC_barrier, 0);
	} else if (t && wrong_kind_check(t, (u64)b, SYNC_barrier, "destroy")) {
		; /* told */
	} else if (t && sync_find_destroyed(t, (u64)b, SYNC_barrier)) {
		check(t, b, "destroy");
	}
	return REAL(pthread_barrier_destroy)(b);
}
