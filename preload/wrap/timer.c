/* SPDX-License-Identifier: MIT */
/*
 * Owns: timer_*, timerfd_*, setitimer, alarm, ualarm. libc's own helper thread for SIGEV_THREAD and
 * the threads it starts are not born by a call of the program (G24): they are met at their first
 * call, as adopted ones.
 */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>

#include "base/clock.h"
#include "base/modules.h"
#include "base/sys.h"
#include "detect/fd_exhaustion.h"
#include "detect/handlers.h"
#include "detect/timers.h"
#include "real/real.h"
#include "state/fds.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "state/timers.h"

static u64 ns_of(const struct timespec *ts)
{
	return (u64)ts->tv_sec * 1000000000u + (u64)ts->tv_nsec;
}
static u64 ns_of_val(const struct timeval *tv)
{
	return (u64)tv->tv_sec * 1000000000u + (u64)tv->tv_usec * 1000u;
}

/* What is left until the first expiry; 0 disarms. An absolute time in the past expires at once: 1
 * ns. */
static u64 first_expiry(const struct itimerspec *it, bool absolute, clockid_t clock)
{
	u64 value = ns_of(&it->it_value), now;
	struct timespec ts;

	if (!value || !absolute)
		return value;
	if (sys_call(SYS_clock_gettime, clock, &ts, 0, 0) < 0)
		return value;
	now = ns_of(&ts);
	return value > now ? value - now : 1;
}

/* ---- x86-64, programs linked before glibc 2.3.3: a timer_t was an int. They pass through: libc
 * keeps both forms (G1) ------------------- */

#if defined(__x86_64__)
enum { MODULES = 256, BINDS_NEW = 1, BINDS_OLD };
static u8 binds[MODULES]; /* by module id; 0: not asked yet */

static bool old_caller(uintptr_t pc, bool ask)
{
	const struct module *m = module_find(pc);

	if (!m || m->id >= MODULES)
		return false;
	if (!binds[m->id] && ask)
		binds[m->id] =
		    real_binds(pc, "timer_create", "GLIBC_2.2.5") ? BINDS_OLD : BINDS_NEW;
	return binds[m->id] == BINDS_OLD;
}
#define OLD(name) ((__typeof__(name) *)real_find(#name, "GLIBC_2.2.5"))
#else
#define old_caller(pc, ask) false
#define OLD(name)	    real.name
#endif

/* ---- POSIX timers
 * -----------------------------------------------------------------------------------------------------------------
 */

EXPORT int timer_create(clockid_t clock, struct sigevent *ev, timer_t *id)
{
	struct thread *t = scope_enter();
	int rc;

	if (unlikely(old_caller(CALLER_PC(), true)))
		return OLD(timer_create)(clock, ev, id);
	IN_HANDLER("timer_create", 0);
	rc = REAL(timer_create)(clock, ev, id);
	if (!t)
		return rc;
	timers_watch(t, CALLER_SP(), CALL_none, -1, 0);
	if (rc == 0) {
		struct timer_birth b = {.kind = TIMER_posix,
					.clock = (u32)clock,
					.notify = SIGEV_SIGNAL,
					.signo = SIGALRM,
					.id = (u64)*id};

		if (ev) {
			b.notify = (u32)ev->sigev_notify;
			b.signo = b.notify == SIGEV_SIGNAL || b.notify == SIGEV_THREAD_ID
				      ? (u32)ev->sigev_signo
				      : 0;
			b.function = b.notify == SIGEV_THREAD ? (u64)ev->sigev_notify_function : 0;
		}
		timer_born(t, &b);
	} else if (errno == EAGAIN) {
		timer_exhausted(t, TIMER_posix);
	}
	return rc;
}

EXPORT int timer_settime(timer_t id, int flags, const struct itimerspec *to, struct itimerspec *old)
{
	struct thread *t = scope_enter();
	struct st_timer *m;
	u32 row;
	int rc;

	if (unlikely(old_caller(CALLER_PC(), false)))
		return OLD(timer_settime)(id, flags, to, old);
	rc = REAL(timer_settime)(id, flags, to, old);
	row = t && rc == 0 ? timer_find(TIMER_posix, (u64)id) : 0;
	m = timer_row(row);
	if (m)
		timer_armed(t, row, first_expiry(to, flags & TIMER_ABSTIME, (clockid_t)m->clock),
			    ns_of(&to->it_interval));
	return rc;
}

/* The death is recorded first: the id may be another thread's new timer as soon as the call is
 * done. It can only fail for an id that isn't one. */
EXPORT int timer_delete(timer_t id)
{
	struct thread *t = scope_enter();

	if (unlikely(old_caller(CALLER_PC(), false)))
		return OLD(timer_delete)(id);
	if (t)
		timer_died(timer_find(TIMER_posix, (u64)id));
	return REAL(timer_delete)(id);
}

EXPORT int timer_getoverrun(timer_t id)
{
	struct thread *t = scope_enter();
	int missed;

	if (unlikely(old_caller(CALLER_PC(), false)))
		return OLD(timer_getoverrun)(id);
	missed = REAL(timer_getoverrun)(id);
	if (t && missed > 0)
		timer_took(timer_find(TIMER_posix, (u64)id), (u64)missed);
	return missed;
}

EXPORT int timerfd_create(int clock, int flags)
{
	struct thread *t = scope_enter();
	int fd = REAL(timerfd_create)(clock, flags);

	if (!t)
		return fd;
	if (fd >= 0) {
		struct fd_birth b = {.kind = FDK_timerfd,
				     .peer = -1,
				     .flags = (flags & TFD_NONBLOCK ? FF_NONBLOCK : 0) |
					      (flags & TFD_CLOEXEC ? FF_CLOEXEC : 0)};
		struct timer_birth mb = {.kind = TIMER_timerfd,
					 .id = (u64)fd,
					 .clock = (u32)clock,
					 .notify = SIGEV_NONE};
		struct st_fd *f = fd_born(t, fd, &b);

		if (f)
			f->timer = timer_born(t, &mb);
	} else {
		fd_exhaustion_failed(t, FDK_timerfd, errno);
	}
	return fd;
}

EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old)
{
	struct thread *t = scope_enter();
	int rc = REAL(timerfd_settime)(fd, flags, to, old);
	struct st_fd *f = t && rc == 0 ? fd_get(fd) : NULL;
	struct st_timer *m = f && f->open ? timer_row(f->timer) : NULL;

	if (m)
		timer_armed(t, f->timer,
			    first_expiry(to, flags & TFD_TIMER_ABSTIME, (clockid_t)m->clock),
			    ns_of(&to->it_interval));
	return rc;
}

/* The process's own: born when first armed, gone when disarmed. */
static void interval_timer(struct thread *t, enum timer_kind kind, u64 which, u32 signo, u64 value,
			   u64 interval)
{
	struct timer_birth b = {.kind = kind, .id = which, .notify = SIGEV_SIGNAL, .signo = signo};
	u32 row = timer_find(kind, which);

	if (!value) {
		timer_died(row);
		return;
	}
	if (!row)
		row = timer_born(t, &b);
	timer_armed(t, row, value, interval);
}

EXPORT int setitimer(__itimer_which_t which, const struct itimerval *to, struct itimerval *old)
{
	static const u32 signals[] = {
	    [ITIMER_REAL] = SIGALRM, [ITIMER_VIRTUAL] = SIGVTALRM, [ITIMER_PROF] = SIGPROF};
	struct thread *t = scope_enter();
	int rc = REAL(setitimer)(which, to, old);

	if (t && rc == 0 && (unsigned)which < ARRAY_SIZE(signals))
		interval_timer(t, TIMER_itimer, (u64)which, signals[which],
			       to ? ns_of_val(&to->it_value) : 0,
			       to ? ns_of_val(&to->it_interval) : 0);
	return rc;
}

EXPORT unsigned alarm(unsigned seconds)
{
	struct thread *t = scope_enter();
	unsigned left = REAL(alarm)(seconds);

	if (t)
		interval_timer(t, TIMER_alarm, 0, SIGALRM, (u64)seconds * 1000000000u, 0);
	return left;
}

EXPORT useconds_t ualarm(useconds_t us, useconds_t interval)
{
	struct thread *t = scope_enter();
	useconds_t left = REAL(ualarm)(us, interval);

	if (t && left != (useconds_t)-1)
		interval_timer(t, TIMER_alarm, 0, SIGALRM, (u64)us * 1000u, (u64)interval * 1000u);
	return left;
}
