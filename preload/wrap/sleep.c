/* SPDX-License-Identifier: MIT */
/*
 * Owns: sleeping and yielding. A yield is called in tight loops: it is counted
 * (live.yields), and what it costs is a few private stores.
 */
#include <time.h>

#include "detect/spin.h"
#include "wrap/block.h"

EXPORT unsigned sleep(unsigned seconds)
{
	struct block b;
	unsigned left;

	block_enter_flags(&b, CALL_sleep, -1, seconds ? WF_TIMED : WF_NONBLOCK, CALLER_PC(),
			  CALLER_SP());
	left = REAL(sleep)(seconds);
	block_leave(&b);
	return left;
}

EXPORT int usleep(useconds_t us)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_usleep, -1, us ? WF_TIMED : WF_NONBLOCK, CALLER_PC(),
			  CALLER_SP());
	rc = REAL(usleep)(us);
	block_leave(&b);
	return rc;
}

EXPORT int nanosleep(const struct timespec *want, struct timespec *left)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_nanosleep, -1, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = REAL(nanosleep)(want, left);
	block_leave(&b);
	return rc;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *want,
			   struct timespec *left)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_clock_nanosleep, -1, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = REAL(clock_nanosleep)(clock, flags, want, left);
	block_leave(&b);
	return rc;
}

EXPORT int thrd_sleep(const struct timespec *want, struct timespec *left)
{
	struct block b;
	int rc;

	block_enter_flags(&b, CALL_thrd_sleep, -1, WF_TIMED, CALLER_PC(), CALLER_SP());
	rc = REAL(thrd_sleep)(want, left);
	block_leave(&b);
	return rc;
}

static inline void yields(u32 call)
{
	struct thread *t = scope_fast();

	if (!t)
		return;
	t->live->yields++;
	spin_call(t, call, 0, 0);
}

EXPORT int sched_yield(void)
{
	yields(CALL_sched_yield);
	return REAL(sched_yield)();
}

EXPORT void thrd_yield(void)
{
	yields(CALL_thrd_yield);
	REAL(thrd_yield)();
}
