/* SPDX-License-Identifier: MIT */
/*
 * Owns: which returned errors are told. Doesn't: count them (trace/event.c does, by call, error and
 * place), nor know what else was told of the same call (the reporter does). See failed_call.h.
 */
#include "detect/failed_call.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/sys.h"
#include "state/stacks.h"
#include "trace/event.h"

static u32 nproc; /* RLIMIT_NPROC, soft; 0 none or unknown */

static const char *name_of(int err)
{
	return err == FAILED_C11 ? "thrd_error" : errno_name(err);
}

static bool is_answer(int err, enum sync_kind kind)
{
	return err == EBUSY || err == ETIMEDOUT || err == EINTR || err == EOWNERDEAD ||
	       (err == EDEADLK && (kind == SYNC_mutex || kind == SYNC_rwlock));
}

COLD void failed_call_tell(struct thread *t, const char *call, u64 addr, enum sync_kind kind,
			   int err)
{
	const struct st_sync *s;
	struct event_misuse e = {
	    .kind = "failed-call", .call = call, .err = name_of(err), .addr = addr, .fd = -1};

	if (is_answer(err, kind))
		return;
	s = sync_row(sync_find(addr, kind));
	e.obj = s ? s->serial : 0;
	if (s)
		event_stack(s->stack);
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

COLD void failed_call_create(struct thread *t, const char *call, int err)
{
	struct event_misuse e = {.kind = "failed-call",
				 .detail = "create",
				 .call = call,
				 .err = name_of(err),
				 .fd = -1,
				 .live = __atomic_load_n(&state->threads_live, __ATOMIC_RELAXED),
				 .limit = nproc};

	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

COLD void failed_call_thread(struct thread *t, const char *call, u64 pthread, u32 serial, int err)
{
	struct event_misuse e = {.kind = "failed-call",
				 .detail = "thread",
				 .call = call,
				 .err = name_of(err),
				 .addr = pthread,
				 .other = serial,
				 .fd = -1};

	if (is_answer(err, SYNC_none))
		return;
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

void failed_call_limits(void)
{
	struct rlimit r;

	if (sys_call(SYS_prlimit64, 0, RLIMIT_NPROC, 0, &r) == 0)
		nproc = r.rlim_cur > UINT32_MAX ? 0 : (u32)r.rlim_cur;
}
