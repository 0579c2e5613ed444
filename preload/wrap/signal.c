/* SPDX-License-Identifier: MIT */
/*
 * Owns: waiting for signals. Handlers, masks and the sending of signals are the program's alone: those calls aren't wrapped, nothing of ours
 * shows in what sigaction() returns. Signal-safe; sigsuspend and the sigwait family stay cancellation points.
 */
#include <signal.h>

#include "wrap/block.h"

static u32 timed(const struct timespec *to)
{
	return !to ? 0 : to->tv_sec || to->tv_nsec ? WF_TIMED : WF_TIMED | WF_NONBLOCK;
}

EXPORT int sigwait(const sigset_t *set, int *sig)
{
	struct block b;
	int r;

	block_enter(&b, CALL_sigwait, -1, CALLER_PC(), CALLER_SP());
	r = REAL(sigwait)(set, sig);
	block_leave(&b);
	return r;
}

EXPORT int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
	struct block b;
	int r;

	block_enter(&b, CALL_sigwait, -1, CALLER_PC(), CALLER_SP());
	r = REAL(sigwaitinfo)(set, info);
	block_leave(&b);
	return r;
}

EXPORT int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *to)
{
	struct block b;
	int r;

	block_enter_flags(&b, CALL_sigwait, -1, timed(to), CALLER_PC(), CALLER_SP());
	r = REAL(sigtimedwait)(set, info, to);
	block_leave(&b);
	return r;
}

EXPORT int __sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *to) __attribute__((alias("sigtimedwait"), copy(sigtimedwait)));

EXPORT int sigsuspend(const sigset_t *mask)
{
	struct block b;
	int r;

	block_enter(&b, CALL_sigsuspend, -1, CALLER_PC(), CALLER_SP());
	r = REAL(sigsuspend)(mask);
	block_leave(&b);
	return r;
}

EXPORT int __sigsuspend(const sigset_t *mask) __attribute__((alias("sigsuspend"), copy(sigsuspend)));

/* What sigpause() is in programs of today; BSD's own of that name is not observed. */
EXPORT int __xpg_sigpause(int sig)
{
	struct block b;
	int r;

	block_enter(&b, CALL_sigsuspend, -1, CALLER_PC(), CALLER_SP());
	r = REAL(__xpg_sigpause)(sig);
	block_leave(&b);
	return r;
}

EXPORT int pause(void)
{
	struct block b;
	int r;

	block_enter(&b, CALL_pause, -1, CALLER_PC(), CALLER_SP());
	r = REAL(pause)();
	block_leave(&b);
	return r;
}
