/* SPDX-License-Identifier: MIT */
/*
 * Owns: pthread_barrier_*. Each wait is registered: whoever comes to a barrier but last must wait.
 */
#include <errno.h>

#include "real/real.h"
#include "state/roles.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"
#include "wrap/object_wait.h"

/* glibc's: arrivals so far, and which of them was the last of the round before. */
struct barrier_words {
	u32 in, round, count, shared;
};
static inline const struct barrier_words *words_of(const pthread_barrier_t *b)
{
	return (const void *)b;
}

EXPORT int pthread_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attr,
				unsigned count)
{
	struct thread *t = scope_enter();
	int rc = REAL(pthread_barrier_init)(b, attr, count);

	if (t && rc == 0) {
		struct sync_birth birth = {.kind = SYNC_barrier,
					   .value = count,
					   .flags = words_of(b)->shared ? SF_PSHARED : 0};

		sync_born(t, (u64)b, &birth);
	} else if (t && rc == EINVAL && count == 0) {
		struct event_misuse e = {.kind = "barrier-misuse",
					 .err = "EINVAL",
					 .addr = (u64)b,
					 .fd = -1,
					 .stack = stack_here(t)};

		event_misuse(t->serial, &e);
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
	u32 row;
	int rc;

	if (!t)
		return REAL(pthread_barrier_wait)(b);
	row = sync_see(t, (u64)b, SYNC_barrier, 0);
	object_wait_begin(&w, t, CALL_barrier_wait, (u64)b, row, 0, CALLER_PC(), CALLER_SP());
	if (w.serial)
		role_note(t, ROLE_SYNC, w.serial, 0, ROLE_RECEIVES);
	rc = real.pthread_barrier_wait(b);
	turned(row, w.serial);
	object_wait_end(&w);
	return rc;
}

/* libc's destroy waits for those who are still inside, for ever if the last one never comes: said
 * before. Those who have been let go and are on their way out are no fault: only as many as the
 * barrier can hold back count. */
EXPORT int pthread_barrier_destroy(pthread_barrier_t *b)
{
	struct thread *t = scope_enter();
	u32 row = t ? sync_find((u64)b, SYNC_barrier) : 0;
	struct st_sync *s = sync_row(row);

	if (s && s->value && !(s->flags & SF_PSHARED)) {
		u32 in = __atomic_load_n(&words_of(b)->in, __ATOMIC_RELAXED),
		    round = __atomic_load_n(&words_of(b)->round, __ATOMIC_RELAXED);

		if (in > round && (in - round) % s->value && s->waiters) {
			struct event_misuse e = {.kind = "destroy-while-in-use",
						 .addr = (u64)b,
						 .fd = -1,
						 .stack = stack_here(t),
						 .obj = s->serial};

			event_misuse(t->serial, &e);
		}
	}
	if (row)
		sync_died(t, (u64)b, SYNC_barrier);
	return REAL(pthread_barrier_destroy)(b);
}
