/* SPDX-License-Identifier: MIT */
/*
 * Owns: waiting for signals, and installing handlers. What the program installs and what it is told
 * of what was there before is its own; between it and the kernel stands wrap/handler. Masks and the
 * sending of signals aren't wrapped. Signal-safe; sigsuspend and the sigwait family stay
 * cancellation points.
 */
#include <signal.h>

#include "state/timers.h"
#include "wrap/block.h"
#include "wrap/handler.h"

/* ---- handlers: flags and mask go through as they are
 * --------------------------------------------------------------------- */

/* Both kinds of handler lie in one union. */
EXPORT int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct sigaction ours;
	int rc;

	if (act) {
		ours = *act;
		ours.sa_handler = (sighandler_t)handler_outward(sig, (void *)ours.sa_handler);
		act = &ours;
	}
	rc = REAL(sigaction)(sig, act, old);
	if (rc == 0 && old)
		old->sa_handler = (sighandler_t)handler_inward((void *)old->sa_handler);
	return rc;
}
EXPORT int __sigaction(int sig, const struct sigaction *act, struct sigaction *old)
    __attribute__((alias("sigaction"), copy(sigaction)));

#define SIGNAL(name)                                                                               \
	EXPORT sighandler_t name(int sig, sighandler_t h)                                          \
	{                                                                                          \
		__typeof__(real.name) f = REAL(name);                                              \
                                                                                                   \
		h = f(sig, (sighandler_t)handler_outward(sig, (void *)h));                         \
		return (sighandler_t)handler_inward((void *)h);                                    \
	}
SIGNAL(signal)
SIGNAL(__sysv_signal)
SIGNAL(sigset)
EXPORT sighandler_t bsd_signal(int sig, sighandler_t h)
    __attribute__((alias("signal"), copy(signal)));
EXPORT sighandler_t ssignal(int sig, sighandler_t h) __attribute__((alias("signal"), copy(signal)));
EXPORT sighandler_t sysv_signal(int sig, sighandler_t h)
    __attribute__((alias("__sysv_signal"), copy(__sysv_signal)));

/* ---- waiting
 * -------------------------------------------------------------------------------------------------------------
 */

static u32 timed(const struct timespec *to)
{
	return !to ? 0 : to->tv_sec || to->tv_nsec ? WF_TIMED : WF_TIMED | WF_NONBLOCK;
}

/* A timer's tick was taken: which one's, the kernel says (by its own number, which is the timer_t
 * of today's libc). */
static void taken(const struct block *b, int signo, const siginfo_t *info)
{
	u32 row = b->t && signo > 0 && info->si_code == SI_TIMER
		      ? timer_find(TIMER_posix, (u64)info->si_timerid)
		      : 0;

	if (row)
		timer_took(row, 1);
	else if (b->t && signo > 0 && (info->si_code == SI_TIMER || info->si_code == SI_KERNEL))
		timer_signal_taken(signo);
}

EXPORT int sigwait(const sigset_t *set, int *sig)
{
	struct block b;
	int r;

	block_enter(&b, CALL_sigwait, -1, CALLER_PC(), CALLER_SP());
	r = REAL(sigwait)(set, sig);
	block_leave(&b);
	if (b.t && r == 0)
		timer_signal_taken(*sig);
	return r;
}

EXPORT int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
	struct block b;
	siginfo_t here;
	int r;

	block_enter(&b, CALL_sigwait, -1, CALLER_PC(), CALLER_SP());
	r = REAL(sigwaitinfo)(set, info ? info : &here);
	block_leave(&b);
	taken(&b, r, info ? info : &here);
	return r;
}

EXPORT int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *to)
{
	struct block b;
	siginfo_t here;
	int r;

	block_enter_flags(&b, CALL_sigwait, -1, timed(to), CALLER_PC(), CALLER_SP());
	r = REAL(sigtimedwait)(set, info ? info : &here, to);
	block_leave(&b);
	taken(&b, r, info ? info : &here);
	return r;
}

EXPORT int __sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *to)
    __attribute__((alias("sigtimedwait"), copy(sigtimedwait)));

EXPORT int sigsuspend(const sigset_t *mask)
{
	struct block b;
	int r;

	block_enter(&b, CALL_sigsuspend, -1, CALLER_PC(), CALLER_SP());
	r = REAL(sigsuspend)(mask);
	block_leave(&b);
	return r;
}

EXPORT int __sigsuspend(const sigset_t *mask)
    __attribute__((alias("sigsuspend"), copy(sigsuspend)));

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
