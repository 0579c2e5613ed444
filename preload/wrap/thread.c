/* SPDX-License-Identifier: MIT */
/*
 * Owns: births and ends of threads, as pthreads see them. C11's are in wrap/c11.c and come through
 * thread_starting() as well.
 */
#include "wrap/threading.h"

#include <errno.h>

#include "base/clock.h"
#include "base/modules.h"
#include "base/lock.h"
#include "detect/failed_call.h"
#include "detect/handlers.h"
#include "detect/deadlock.h"
#include "detect/join_misuse.h"
#include "detect/timers.h"
#include "detect/spawn.h"
#include "init.h"
#include "real/real.h"
#include "state/handles.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "trace/event.h"
#include "trace/files.h"
#include "wrap/heap_block.h"
#include "wrap/lock_wait.h"

struct thread *thread_starting(struct thread *t, const void *start, void *arg, bool detached,
			       u32 flags)
{
	uintptr_t slot = 0;
	u32 stack;
	struct thread *child;

	IN_HANDLER(flags & TF_C11 ? "thrd_create" : "pthread_create", 0);
	lock_section_enter();
	stack = stack_here_slot(t, &slot);

	files_promote();
	modules_refresh(); /* at a birth: dlopen has no wrapper (G37) */
	event_modules();
	flags |= spawn_flags(stack) | (detached ? TF_DETACHED : 0);
	child = thread_new(t, stack, flags);
	if (child) {
		child->row->start = (u64)start;
		child->row->arg = (u64)arg;
		child->row->arg_size = heap_block_size(arg);
		child->row->creator_cfa = slot;
		spawn_request(t, child->row);
		spawn_round(t, child->row);
	}
	lock_section_leave();
	tool_control(t);
	return child;
}

static size_t default_stack(void)
{
	pthread_attr_t a;
	size_t size = 0;

	if (REAL(pthread_attr_getstacksize) && pthread_attr_init(&a) == 0)
		real.pthread_attr_getstacksize(&a, &size);
	return size ? size : 8u << 20;
}

/* Above the thread pointer lie 2304 bytes of the control block and what rounding took. A range that
 * is too long would take in what lies below the stack (a handler's, say), with memory between that
 * can't be read. */
static size_t stack_below(size_t size)
{
	return size > 8192 ? size - 4096 : 0;
}

void thread_running(struct thread *t)
{
	uintptr_t self = (uintptr_t)pthread_self();

	lock_section_enter();
	/* glibc puts the thread's control block at the upper end of its stack. */
	thread_bind(t->row_index, t->serial, self);
	t->row->stack_hi = self;
	t->row->stack_lo =
	    self - stack_below(t->row->stack_lo ? t->row->stack_lo : default_stack());
	thread_begin(t);
	lock_section_leave();
	tool_thread_key(t);
}

static void *trampoline(void *arg)
{
	struct thread *t = arg;
	void *(*start)(void *) = (void *(*)(void *))t->row->start;
	void *start_arg = (void *)t->row->arg;

	void *result;

	thread_running(t);
	result = start(start_arg);
	thread_returned();
	return result;
}

EXPORT int pthread_create(pthread_t *th, const pthread_attr_t *attr, void *(*start)(void *),
			  void *arg)
{
	struct thread *t = scope_enter(), *child = NULL;
	int detached = PTHREAD_CREATE_JOINABLE, rc;
	u32 row, serial;
	size_t size = 0;

	if (t) {
		if (attr) {
			pthread_attr_getdetachstate(attr, &detached);
			if (REAL(pthread_attr_getstacksize))
				real.pthread_attr_getstacksize(attr, &size);
		}
		child = thread_starting(t, start, arg, detached == PTHREAD_CREATE_DETACHED, 0);
	}
	if (!child)
		return REAL(pthread_create)(th, attr, start, arg);
	child->row->stack_lo = size; /* its size until it runs */
	row = child->row_index;
	serial = child->serial;
	rc = real.pthread_create(th, attr, trampoline, child);
	if (rc) {
		thread_discard(child);
		failed_call_create(scope_fast(), "pthread_create", rc);
	} else {
		thread_bind(row, serial, (u64)*th);
	}
	return rc;
}

void join_begin(struct join *j, const char *name, pthread_t th, u32 flags, uintptr_t pc,
		uintptr_t sp)
{
	struct thread *t = scope_enter();
	struct join_call call = {.name = name, .pthread = (u64)th, .flags = flags};
	struct wait w = {.call = CALL_join, .addr = (u64)th, .fd = -1, .flags = flags};
	struct st_thread *r;

	j->t = t;
	if (!t)
		return;
	IN_HANDLER(name, 0);
	call.row = j->row = thread_find((u64)th);
	r = j->row ? row_get(TABLE_thread, j->row) : NULL;
	call.serial = j->serial = w.obj = r ? r->serial : 0;
	j->told = join_misuse_before(t, &call);
	w.flags |= r ? WF_REGISTERED : 0;
	j->stack = w.stack = stack_context(t, pc, sp);
	timers_watch(t, sp, CALL_join, -1, 0);
	wait_begin(t, &j->outer, &w, pc, sp, clock_now());
	if (r && !(r->flags & TF_ENDED) && !flags && th != pthread_self())
		deadlock_check(t);
}

static void joined(struct join *j, struct st_thread *r)
{
	struct handle h = {.pthread = r->pthread,
			   .serial = r->serial,
			   .birth = r->stack,
			   .by = j->t->serial,
			   .stack = j->stack,
			   .how = HANDLE_JOINED};
	u32 flags;

	handle_given_up(&h);
	r->joined = clock_now();
	r->joiner = j->t->serial;
	thread_joined(j->t, r);
	flags = __atomic_fetch_or(&r->flags, TF_JOINED, __ATOMIC_ACQ_REL);
	if (flags & TF_ENDED) {
		site_unjoined(r->site, -1);
		thread_reap(j->row);
	}
}

void join_end(struct join *j, const char *name, pthread_t th, int rc)
{
	struct join_call call = {
	    .name = name, .pthread = (u64)th, .row = j->row, .serial = j->serial};
	struct st_thread *r;

	if (!j->t || j->t != thread_self)
		return;
	wait_end(j->t, &j->outer);
	r = j->row ? row_get(TABLE_thread, j->row) : NULL;
	if (rc && !j->told && !join_misuse_after(j->t, &call, rc))
		failed_call_thread(j->t, name, (u64)th, j->serial, rc < 0 ? FAILED_C11 : rc);
	else if (rc == 0 && r && r->serial == j->serial)
		joined(j, r);
}

EXPORT int pthread_join(pthread_t th, void **result)
{
	struct join j;
	int rc;

	join_begin(&j, "pthread_join", th, 0, CALLER_PC(), CALLER_SP());
	rc = REAL(pthread_join)(th, result);
	join_end(&j, "pthread_join", th, rc);
	return rc;
}

EXPORT int pthread_tryjoin_np(pthread_t th, void **result)
{
	struct join j;
	int rc;

	join_begin(&j, "pthread_tryjoin_np", th, WF_NONBLOCK, CALLER_PC(), CALLER_SP());
	rc = REAL(pthread_tryjoin_np)(th, result);
	join_end(&j, "pthread_tryjoin_np", th, rc);
	return rc;
}

EXPORT int pthread_timedjoin_np(pthread_t th, void **result, const struct timespec *abs)
{
	struct join j;
	int rc;

	join_begin(&j, "pthread_timedjoin_np", th, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = REAL(pthread_timedjoin_np)(th, result, abs);
	join_end(&j, "pthread_timedjoin_np", th, rc);
	return rc;
}

EXPORT int pthread_clockjoin_np(pthread_t th, void **result, clockid_t clock,
				const struct timespec *abs)
{
	struct join j;
	int rc;

	if (!REAL(pthread_clockjoin_np))
		return ENOSYS;
	join_begin(&j, "pthread_clockjoin_np", th, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = real.pthread_clockjoin_np(th, result, clock, abs);
	join_end(&j, "pthread_clockjoin_np", th, rc);
	return rc;
}

bool thread_detached(struct thread *t, const char *name, pthread_t th)
{
	u32 i = thread_find((u64)th), flags;
	struct st_thread *r = i ? row_get(TABLE_thread, i) : NULL;
	struct join_call call = {.name = name,
				 .pthread = (u64)th,
				 .flags = WF_NONBLOCK,
				 .row = i,
				 .serial = r ? r->serial : 0};
	struct handle h;

	if (join_misuse_before(t, &call))
		return true;
	if (!r)
		return false;
	h = (struct handle){.pthread = r->pthread,
			    .serial = r->serial,
			    .birth = r->stack,
			    .by = t->serial,
			    .stack = stack_here(t),
			    .how = HANDLE_DETACHED};
	handle_given_up(&h);
	flags = __atomic_fetch_or(&r->flags, TF_DETACHED, __ATOMIC_ACQ_REL);
	if ((flags & (TF_ENDED | TF_DETACHED)) == TF_ENDED) {
		site_unjoined(r->site, -1);
		thread_reap(i);
	}
	return false;
}

EXPORT int pthread_detach(pthread_t th)
{
	struct thread *t = scope_enter();
	/* Before the real call: afterwards th may be somebody else. */
	bool told = t && thread_detached(t, "pthread_detach", th);
	int rc = REAL(pthread_detach)(th);

	if (t && rc && !told)
		failed_call_thread(t, "pthread_detach", (u64)th, 0, rc);
	return rc;
}

EXPORT void pthread_exit(void *result)
{
	struct thread *t = scope_enter();

	IN_HANDLER("pthread_exit", 0);
	if (t) {
		wait_left(t, CALLER_SP());
		t->row->end_stack = stack_here(t);
	}
	REAL(pthread_exit)(result);
	__builtin_unreachable();
}

EXPORT int pthread_cancel(pthread_t th)
{
	struct thread *t = scope_enter();
	u32 i = t ? thread_find((u64)th) : 0;
	struct st_thread *r = i ? row_get(TABLE_thread, i) : NULL;

	if (r && !r->canceler) {
		r->cancel_stack = stack_here(t);
		r->canceler = t->serial;
	}
	if (r)
		__atomic_fetch_or(&r->flags, TF_CANCELED, __ATOMIC_RELAXED);
	return REAL(pthread_cancel)(th);
}

/* Asynchronous cancellation can strike between any two instructions of ours, too, but not inside a
 * lock section (base/sys.h): what is left half done is the dying thread's own record. */
EXPORT int pthread_setcanceltype(int type, int *old)
{
	return REAL(pthread_setcanceltype)(type, old);
}

EXPORT int pthread_setcancelstate(int how, int *old)
{
	return REAL(pthread_setcancelstate)(how, old);
}

EXPORT int pthread_setname_np(pthread_t th, const char *name)
{
	int rc = REAL(pthread_setname_np)(th, name);
	struct thread *t = scope_enter();
	u32 i = t && rc == 0 ? thread_find((u64)th) : 0;
	struct st_thread *r = i ? row_get(TABLE_thread, i) : NULL;

	if (r)
		for (unsigned k = 0; k < sizeof(r->name) - 1; k++)
			if (!(r->name[k] = name[k]))
				break;
	return rc;
}
