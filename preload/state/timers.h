/* SPDX-License-Identifier: MIT */
/*
 * Timers: one row a living timer. POSIX timers by timer_t, timerfds by number, the process's
 * interval timers by which. What a tick's fate is cannot always be known: only facts are kept (how
 * many were read or waited for; whether anybody asked). Signal-safe; births and deaths take
 * timers.lock (outside table locks).
 */
#ifndef STATE_TIMERS_H
#define STATE_TIMERS_H

#include "base/common.h"
#include "state/thread.h"

struct timer_birth {
	enum timer_kind kind;
	u64 id;
	u32 notify, signo, clock;
	u64 function; /* SIGEV_THREAD */
};
/* A call made it. Returns the row, 0 if the table is full. Watches the creating call's frame. */
u32 timer_born(struct thread *t, const struct timer_birth *b);
/* The living timer's row, 0 if not known. */
u32 timer_find(enum timer_kind kind, u64 id);
struct st_timer *timer_row(u32 row);
/* Armed by a call that succeeded: `value` ns from now, then every `interval`; value 0 disarms. */
void timer_armed(struct thread *t, u32 row, u64 value, u64 interval);
/* What the thread that armed it does next: sends, waits for several things or the timer itself,
 * receives, or anything else that can block. Noted from its first arming as a one-shot timer until
 * it has received something, or made another timer. */
enum timer_then { THEN_SENDS, THEN_WAITS, THEN_RECEIVES, THEN_WORKS };
struct timer_act {
	enum timer_then what;
	u32 call, kind; /* enum fd_kind */
	u64 addr;
	uintptr_t sp;
};
void timer_then(struct thread *t, const struct timer_act *a);
/* It is polled together with the descriptor `work`; or all that are in this epoll set are. */
void timer_with(u32 row, int work, u32 kind);
void timers_with(int epoll, int work, u32 kind);
/* Deleted, or its descriptor closed. Recorded before the real call, taken back by timer_revive() if
 * that failed. */
void timer_died(u32 row);
/* Somebody took `n` expirations. */
void timer_took(u32 row, u64 n);
/* A read of a timerfd returned `expirations`. */
void timer_fd_read(int fd, u64 expirations);
/* sigwait and its kin took `signo`: one expiration of each armed timer that sends it (which one is
 * not told). */
void timer_signal_taken(int signo);
/* The creating call has returned: only state/thread.c's frame watch says so. */
void timer_returned(u32 row, u32 thread);
/* All of this thread's whose creating frame lies below `sp`. Walks the table. Returns the least
 * frame not yet returned, UINTPTR_MAX if none. */
uintptr_t timers_returned_below(u32 thread, uintptr_t sp);
/* The thread has ended. */
void timers_thread_ended(u32 thread);
/* A forked child inherits timerfds only. */
void timers_fork_child(void);

#endif
