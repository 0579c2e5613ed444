/* SPDX-License-Identifier: MIT */
/*
 * Owns: what counts as running out of descriptors. Doesn't: the counts per birth site
 * (state/sites), the judgement of growth (the reporter).
 */
#include "detect/fd_exhaustion.h"

#include <sys/resource.h>

#include "base/sys.h"
#include "detect/failed_call.h"
#include "state/fds.h"
#include "trace/event.h"

static unsigned told_near;

/* inotify_init and fanotify_init say EMFILE when their own limit per user is reached. */
static bool own_limit(enum fd_kind kind, int err)
{
	return err == EMFILE && (kind == FDK_inotify || kind == FDK_fanotify) &&
	       state->fds_open < state->nofile / 10 * 9;
}

COLD void fd_exhaustion_failed(struct thread *t, enum fd_kind kind, int err)
{
	u32 failures, stack;

	if ((err != EMFILE && err != ENFILE) || own_limit(kind, err))
		return;
	stack = fd_exhausted(t, kind, &failures);
	if (failures <= 1)
		event_exhausted(t->serial, "fd", errno_name(err), state->nofile, state->fds_open,
				stack);
}

COLD void fd_exhaustion_near_slow(void)
{
	if (!__atomic_exchange_n(&told_near, 1, __ATOMIC_RELAXED))
		log_line("descriptors: %u of %u in use", state->fds_open, state->nofile);
}

static u32 soft(int resource, u32 now)
{
	struct rlimit r;

	if (sys_call(SYS_prlimit64, 0, resource, 0, &r) < 0)
		return now;
	return r.rlim_cur > UINT32_MAX ? UINT32_MAX : (u32)r.rlim_cur;
}

void fd_exhaustion_limits(void)
{
	state->nofile = soft(RLIMIT_NOFILE, state->nofile);
	state->sigpending = soft(RLIMIT_SIGPENDING, state->sigpending);
	failed_call_limits();
	told_near = 0;
}

void fd_exhaustion_fork_child(void)
{
	told_near = 0;
}
