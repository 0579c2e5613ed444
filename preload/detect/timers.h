/* SPDX-License-Identifier: MIT */
/*
 * Timers: one that could not be made for want of room (RLIMIT_SIGPENDING is full of those that
 * live), and what a one-shot one was armed for: what its thread does next, what is in a poll set
 * with it. Signal-safe; keeps errno.
 */
#ifndef DETECT_TIMERS_H
#define DETECT_TIMERS_H

#include "state/thread.h"

/* timer_create failed with EAGAIN. Counts it at its site; tells it the first time. */
void timer_exhausted(struct thread *t, u32 kind);

/* In every call that can block, before it: notes which creating calls have returned, and what
 * timers are armed for. `sp`: the caller's; `fd` -1: none. One comparison unless there are any. */
void timers_watched(struct thread *t, uintptr_t sp, u32 call, int fd, u64 addr);
static inline void timers_watch(struct thread *t, uintptr_t sp, u32 call, int fd, u64 addr)
{
	if (unlikely(sp > t->frame_watch))
		timers_watched(t, sp, call, fd, addr);
}

/* `timer` is in a poll set together with `work`, which is no timer. */
void timer_polled_with(int timer, int work);
/* `fd` was put into the set `epoll`, or taken out of it. */
void timer_epoll(int epoll, int fd, bool in);

#endif
