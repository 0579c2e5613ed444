/* SPDX-License-Identifier: MIT */
/*
 * Owns: what is said when timers run out, and what one-shot timers are armed for, in calls on
 * descriptors and objects. See timers.h.
 */
#include "detect/timers.h"

#include "base/clock.h"
#include "state/fds.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "state/timers.h"
#include "trace/event.h"

COLD void timer_exhausted(struct thread *t, u32 kind)
{
	u32 stack = stack_here(t);
	struct st_site *s =
	    site_get(site_failed(SITE_timer, kind, stack, t->serial, clock_coarse()));

	if (!s || s->failed == 1)
		event_exhausted(t->serial, "timer", "EAGAIN", state->sigpending, state->timers_live,
				stack);
}

/* ---- what a timer is armed for
 * ----------------------------------------------------------------------------------------------
 */

static enum timer_then act_of(u32 call, u32 kind)
{
	switch (call) {
	case CALL_poll:
	case CALL_ppoll:
	case CALL_select:
	case CALL_pselect:
	case CALL_epoll_wait:
		return THEN_WAITS;
	case CALL_cond_wait:
	case CALL_sem_wait:
	case CALL_mq_receive:
	case CALL_msgrcv:
	case CALL_accept:
		return THEN_RECEIVES;
	case CALL_read:
	case CALL_readv:
	case CALL_recv:
	case CALL_recvfrom:
	case CALL_recvmsg:
	case CALL_recvmmsg:
	case CALL_fread:
	case CALL_fgets:
	case CALL_getline:
	case CALL_fgetc:
	case CALL_fscanf:
		return kind == FDK_timerfd ? THEN_WAITS
		       : kind == FDK_file || kind == FDK_dir || kind == FDK_memfd || kind == FDK_shm
			   ? THEN_WORKS
			   : THEN_RECEIVES;
	case CALL_cond_signal:
	case CALL_write:
	case CALL_writev:
	case CALL_send:
	case CALL_sendto:
	case CALL_sendmsg:
	case CALL_sendmmsg:
	case CALL_mq_send:
	case CALL_msgsnd:
	case CALL_fwrite:
	case CALL_fputs:
	case CALL_fputc:
	case CALL_fprintf:
	case CALL_fflush:
		return THEN_SENDS;
	}
	return THEN_WORKS;
}

COLD void timers_watched(struct thread *t, uintptr_t sp, u32 call, int fd, u64 addr)
{
	struct timer_act a = {.call = call, .sp = sp, .addr = fd >= 0 ? (u64)fd : addr};

	if (t->armed.timer && call != CALL_none && sp >= t->stack_lo && sp < t->stack_hi) {
		a.kind = fd_kind(fd);
		a.what = act_of(call, a.kind);
		timer_then(t, &a);
	}
	frame_watch_check_slow(t, sp);
}

/* ---- what is polled with it
 * -------------------------------------------------------------------------------------------------
 */

void timer_polled_with(int timer, int work)
{
	struct st_fd *f = fd_get(timer);

	if (f && f->open && f->kind == FDK_timerfd)
		timer_with(f->timer, work, fd_kind(work));
}

void timer_epoll(int epoll, int fd, bool in)
{
	struct st_fd *e = fd_get(epoll), *f = fd_get(fd);
	struct st_timer *m = f && f->open && f->kind == FDK_timerfd ? timer_row(f->timer) : NULL;

	if (!e || !e->open)
		return;
	if (m) {
		m->epoll = in ? (u32)epoll + 1 : 0;
		if (in && e->work)
			timer_with(f->timer, (int)e->work - 1, fd_kind((int)e->work - 1));
	} else if (in && !e->work && fd >= 0) {
		e->work = (u32)fd + 1;
		timers_with(epoll, fd, fd_kind(fd));
	}
}
