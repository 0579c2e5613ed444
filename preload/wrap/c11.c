/* SPDX-License-Identifier: MIT */
/*
 * Owns: thrd_*, mtx_*, cnd_*. libc calls its pthread parts under private names, so that none of
 * these passes through our other exports (G7). mtx_t is a pthread_mutex_t and cnd_t a
 * pthread_cond_t; mtx_* differ from pthread_mutex_* in the codes they return alone.
 */
#include <threads.h>

#include "detect/failed_call.h"
#include "detect/lives.h"
#include "real/real.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "wrap/cond_wait.h"
#include "wrap/lock_wait.h"
#include "wrap/mutex.h"
#include "wrap/threading.h"

static int code_of(int rc)
{
	switch (rc) {
	case 0:
		return thrd_success;
	case ENOMEM:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	case EBUSY:
		return thrd_busy;
	default:
		return thrd_error;
	}
}

/* ---- threads
 * ------------------------------------------------------------------------------------------------------------------
 */

static int trampoline(void *arg)
{
	struct thread *t = arg;
	thrd_start_t start = (thrd_start_t)t->row->start;
	void *start_arg = (void *)t->row->arg;

	int result;

	thread_running(t);
	result = start(start_arg);
	thread_returned();
	return result;
}

EXPORT int thrd_create(thrd_t *th, thrd_start_t start, void *arg)
{
	struct thread *t = scope_enter(),
		      *child =
			  t ? thread_starting(t, (const void *)start, arg, false, TF_C11) : NULL;
	u32 row, serial;
	int rc;

	if (!child)
		return REAL(thrd_create)(th, start, arg);
	row = child->row_index;
	serial = child->serial;
	rc = real.thrd_create(th, trampoline, child);
	if (rc != thrd_success) {
		thread_discard(child);
		failed_call_create(scope_fast(), "thrd_create",
				   rc == thrd_nomem ? ENOMEM : FAILED_C11);
	} else {
		thread_bind(row, serial, (u64)*th);
	}
	return rc;
}

EXPORT int thrd_join(thrd_t th, int *result)
{
	struct join j;
	int rc;

	join_begin(&j, "thrd_join", (pthread_t)th, 0, CALLER_PC(), CALLER_SP());
	rc = REAL(thrd_join)(th, result);
	join_end(&j, "thrd_join", (pthread_t)th, rc == thrd_success ? 0 : -1);
	return rc;
}

EXPORT int thrd_detach(thrd_t th)
{
	struct thread *t = scope_enter();
	bool told = t && thread_detached(t, "thrd_detach", (pthread_t)th);
	int rc = REAL(thrd_detach)(th);

	if (t && rc != thrd_success && !told)
		failed_call_thread(t, "thrd_detach", (u64)th, 0, FAILED_C11);
	return rc;
}

EXPORT void thrd_exit(int result)
{
	struct thread *t = scope_enter();

	if (t) {
		wait_left(t, CALLER_SP());
		t->row->end_stack = stack_here(t);
	}
	REAL(thrd_exit)(result);
	__builtin_unreachable();
}

/* ---- mutexes
 * -------------------------------------------------------------------------------------------------------------------
 */

EXPORT int mtx_init(mtx_t *m, int type)
{
	struct thread *t = scope_enter();
	int rc = REAL(mtx_init)(m, type);

	if (t && rc == thrd_success)
		mutex_born(t, (pthread_mutex_t *)m, SF_C11);
	return rc;
}

EXPORT void mtx_destroy(mtx_t *m)
{
	struct thread *t = scope_enter();
	u32 flags = t ? mutex_dies(t, (pthread_mutex_t *)m) : 0;

	REAL(mtx_destroy)(m);
	if (t)
		mutex_dead(t, (pthread_mutex_t *)m, flags | SF_C11);
}

EXPORT int mtx_lock(mtx_t *m)
{
	return code_of(mutex_lock_from((pthread_mutex_t *)m, CALLER_PC(), CALLER_SP()));
}

EXPORT int mtx_trylock(mtx_t *m)
{
	return code_of(mutex_trylock_from((pthread_mutex_t *)m, CALLER_PC(), CALLER_SP()));
}

EXPORT int mtx_timedlock(mtx_t *restrict m, const struct timespec *restrict abs)
{
	return code_of(mutex_timedlock_from((pthread_mutex_t *)m, abs, CALLER_PC(), CALLER_SP()));
}

EXPORT int mtx_unlock(mtx_t *m)
{
	return code_of(mutex_unlock_from((pthread_mutex_t *)m, CALLER_SP()));
}

/* ---- condition variables
 * ---------------------------------------------------------------------------------------------------------
 */

EXPORT int cnd_init(cnd_t *c)
{
	struct thread *t = scope_enter();
	int rc = REAL(cnd_init)(c);

	if (t && rc == thrd_success) {
		struct sync_birth b = {.kind = SYNC_cond, .flags = SF_C11};

		lives_born(t, (u64)c, &b);
	}
	return rc;
}

EXPORT void cnd_destroy(cnd_t *c)
{
	struct thread *t = scope_enter();

	if (t)
		cond_dies(t, c);
	REAL(cnd_destroy)(c);
}

EXPORT int cnd_wait(cnd_t *c, mtx_t *m)
{
	struct thread *t = scope_enter();
	struct cond_wait w;
	int rc;

	if (!t)
		return REAL(cnd_wait)(c, m);
	cond_wait_begin(&w, t, c, m, 0, CALLER_PC(), CALLER_SP());
	rc = real.cnd_wait(c, m);
	cond_wait_end(&w, rc == thrd_success);
	if (rc == thrd_error)
		failed_call(scope_fast(), "cnd_wait", c, SYNC_cond, FAILED_C11);
	return rc;
}

EXPORT int cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict abs)
{
	struct thread *t = scope_enter();
	struct cond_wait w;
	int rc;

	if (!t)
		return REAL(cnd_timedwait)(c, m, abs);
	cond_wait_begin(&w, t, c, m, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = real.cnd_timedwait(c, m, abs);
	cond_wait_end(&w, rc == thrd_success);
	if (rc == thrd_error)
		failed_call(scope_fast(), "cnd_timedwait", c, SYNC_cond, FAILED_C11);
	return rc;
}

EXPORT int cnd_signal(cnd_t *c)
{
	struct thread *t = scope_enter();

	if (t)
		cond_posted(t, c, false, CALLER_PC(), CALLER_SP());
	return REAL(cnd_signal)(c);
}

EXPORT int cnd_broadcast(cnd_t *c)
{
	struct thread *t = scope_enter();

	if (t)
		cond_posted(t, c, true, CALLER_PC(), CALLER_SP());
	return REAL(cnd_broadcast)(c);
}
