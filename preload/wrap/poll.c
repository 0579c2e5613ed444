/* SPDX-License-Identifier: MIT */
/*
 * Owns: waiting for several descriptors. What is polled is in use: it is marked once (FF_POLLED);
 * an epoll set's members when they are added.
 */
#include "wrap/fd.h"

static u32 of_ms(int ms)
{
	return ms < 0 ? 0 : ms ? IO_TIMED : IO_NONBLOCK | IO_LOOK;
}
static u32 of_ts(const struct timespec *ts)
{
	return !ts ? 0 : ts->tv_sec || ts->tv_nsec ? IO_TIMED : IO_NONBLOCK | IO_LOOK;
}
static u32 of_tv(const struct timeval *tv)
{
	return !tv ? 0 : tv->tv_sec || tv->tv_usec ? IO_TIMED : IO_NONBLOCK | IO_LOOK;
}

/* A wait on one descriptor names it. */
static int only(const struct pollfd *p, nfds_t n)
{
	return n == 1 && p ? p->fd : -1;
}

/* Is this one a timer? What else there is in the set is noted for it, in one more round. */
struct mix {
	int work; /* no timer, -1 none */
	bool timers;
};
static inline void mark_one(struct thread *t, int fd, struct mix *m)
{
	if (unlikely(fd_polled(t, fd) == FDK_timerfd))
		m->timers = true;
	else
		m->work = fd;
}

static void mark(struct thread *t, const struct pollfd *p, nfds_t n)
{
	struct mix m = {-1, false};

	for (nfds_t i = 0; t && i < n; i++)
		if (p[i].fd >= 0)
			mark_one(t, p[i].fd, &m);
	if (unlikely(m.timers && m.work >= 0))
		for (nfds_t i = 0; i < n; i++)
			timer_polled_with(p[i].fd, m.work);
}

/* What the kernel says is not open. Without an event and without a wait it was the question. */
static void nval(struct thread *t, const struct pollfd *p, nfds_t n, u32 how)
{
	for (nfds_t i = 0; i < n; i++)
		if (unlikely(p[i].revents & POLLNVAL) && p[i].fd >= 0 &&
		    (p[i].events || !(how & IO_NONBLOCK)))
			bad_fd_used(t, p[i].fd);
}

#define POLL(name, params, args, call, how)                                                        \
	EXPORT int name params                                                                     \
	{                                                                                          \
		__typeof__(real.name) f = REAL(name);                                              \
		struct io io;                                                                      \
		int r;                                                                             \
                                                                                                   \
		io_enter(&io, CALL_##call, only(p, n), IO_QUIET | (how), CALLER_PC(),              \
			 CALLER_SP());                                                             \
		if (p)                                                                             \
			mark(io.b.t, p, n);                                                        \
		r = f args;                                                                        \
		io_leave(&io, r);                                                                  \
		if (r > 0 && p && io.b.t && io.b.t == thread_self)                                 \
			nval(io.b.t, p, n, how);                                                   \
		return r;                                                                          \
	}
POLL(poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms), poll, of_ms(ms))
ALIAS(__poll, poll);
POLL(__poll_chk, (struct pollfd * p, nfds_t n, int ms, size_t size), (p, n, ms, size), poll,
     of_ms(ms))
POLL(ppoll, (struct pollfd * p, nfds_t n, const struct timespec *ts, const sigset_t *mask),
     (p, n, ts, mask), ppoll, of_ts(ts))
POLL(__ppoll_chk,
     (struct pollfd * p, nfds_t n, const struct timespec *ts, const sigset_t *mask, size_t size),
     (p, n, ts, mask, size), ppoll, of_ts(ts))

/* Sets may be larger than fd_set (allocated by hand): word by word up to n. */
static void mark_set(struct thread *t, const fd_set *set, int n, struct mix *m)
{
	const unsigned long *w = (const void *)set;

	for (int at = 0; set && at < n; at += 64, w++)
		for (unsigned long bits = *w; bits; bits &= bits - 1)
			if (at + __builtin_ctzl(bits) < n)
				mark_one(t, at + __builtin_ctzl(bits), m);
}

static COLD void mix_set(const fd_set *set, int n, int work)
{
	const unsigned long *w = (const void *)set;

	for (int at = 0; set && at < n; at += 64, w++)
		for (unsigned long bits = *w; bits; bits &= bits - 1)
			if (at + __builtin_ctzl(bits) < n)
				timer_polled_with(at + __builtin_ctzl(bits), work);
}

static void mark_sets(struct thread *t, int n, const fd_set *r, const fd_set *w, const fd_set *x)
{
	struct mix m = {-1, false};

	if (!t)
		return;
	mark_set(t, r, n, &m);
	mark_set(t, w, n, &m);
	mark_set(t, x, n, &m);
	if (unlikely(m.timers && m.work >= 0))
		mix_set(r, n, m.work);
}

static COLD void bad_set(struct thread *t, const fd_set *set, int n)
{
	const unsigned long *w = (const void *)set;

	for (int at = 0; set && at < n; at += 64, w++)
		for (unsigned long bits = *w; bits; bits &= bits - 1)
			if (at + __builtin_ctzl(bits) < n)
				bad_fd_used(t, at + __builtin_ctzl(bits));
}

/* EBADF names none of them: all are looked at. */
static void selected(const struct io *io, int rc, int n, const fd_set *r, const fd_set *w,
		     const fd_set *x)
{
	int e = errno;

	if (likely(rc >= 0 || e != EBADF || !io->b.t || io->b.t != thread_self))
		return;
	bad_set(io->b.t, r, n);
	bad_set(io->b.t, w, n);
	bad_set(io->b.t, x, n);
	errno = e;
}

EXPORT int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *tv)
{
	__typeof__(real.select) f = REAL(select);
	struct io io;
	int rc;

	io_enter(&io, CALL_select, -1, IO_QUIET | of_tv(tv), CALLER_PC(), CALLER_SP());
	mark_sets(io.b.t, n, r, w, e);
	rc = f(n, r, w, e, tv);
	io_leave(&io, rc);
	selected(&io, rc, n, r, w, e);
	return rc;
}
ALIAS(__select, select);

EXPORT int pselect(int n, fd_set *r, fd_set *w, fd_set *e, const struct timespec *ts,
		   const sigset_t *mask)
{
	__typeof__(real.pselect) f = REAL(pselect);
	struct io io;
	int rc;

	io_enter(&io, CALL_pselect, -1, IO_QUIET | of_ts(ts), CALLER_PC(), CALLER_SP());
	mark_sets(io.b.t, n, r, w, e);
	rc = f(n, r, w, e, ts, mask);
	io_leave(&io, rc);
	selected(&io, rc, n, r, w, e);
	return rc;
}

/* Removing what was closed before is common and harmless: EBADF is no fault there. */
static COLD void ctl_refused(struct thread *t, int ep, int op, int fd)
{
	int e = errno;

	if (e == EBADF && !fd_is_open(ep))
		bad_fd_used(t, ep);
	else if (e == EBADF && op != EPOLL_CTL_DEL)
		bad_fd_used(t, fd);
	errno = e;
}

EXPORT int epoll_ctl(int ep, int op, int fd, struct epoll_event *ev)
{
	__typeof__(real.epoll_ctl) f = REAL(epoll_ctl);
	struct thread *t = scope_enter();
	int rc = f(ep, op, fd, ev);

	if (t && rc == 0 && op != EPOLL_CTL_DEL) {
		fd_polled(t, fd);
		fd_flags(fd, FF_IN_EPOLL, 0);
		fd_used(t, ep, 0);
		timer_epoll(ep, fd, true);
	} else if (t && rc == 0) {
		fd_flags(fd, 0, FF_IN_EPOLL);
		timer_epoll(ep, fd, false);
	} else if (t) {
		ctl_refused(t, ep, op, fd);
	}
	return rc;
}

typedef struct epoll_event *events_t;
IO(int, epoll_wait, (int ep, events_t v, int n, int ms), (ep, v, n, ms), epoll_wait, ep, of_ms(ms))
IO(int, epoll_pwait, (int ep, events_t v, int n, int ms, const sigset_t *mask),
   (ep, v, n, ms, mask), epoll_wait, ep, of_ms(ms))
IO(int, epoll_pwait2, (int ep, events_t v, int n, const struct timespec *ts, const sigset_t *mask),
   (ep, v, n, ts, mask), epoll_wait, ep, of_ts(ts))
