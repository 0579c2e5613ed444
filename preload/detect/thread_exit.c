/* SPDX-License-Identifier: MIT */
/*
 * Owns: the judgement of locks that a thread takes with it. Doesn't: keep the books (held.h). The
 * books alone accuse nobody: the lock itself must say that it is still this thread's (it may have
 * been destroyed, or its memory given back). Called by a thread's own destructor, before and after
 * all others; signal-safe.
 */
#include "detect/thread_exit.h"

#include <pthread.h>

#include <errno.h>

#include "base/sys.h"
#include "state/held.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

enum { ROBUST = 16, WRITE_LOCKED = 2, READER = 8 }; /* bits of glibc's __kind and __readers */

/* The memory of a lock that nobody gave back may be gone. */
static bool readable(u64 addr, u64 size)
{
	u64 first = addr & ~7ull, last = (addr + size - 1) & ~7ull;

	return first >= 4096 && sys_call(SYS_rt_sigprocmask, -1, first, 0, 8) != -EFAULT &&
	       (first >> 12 == last >> 12 ||
		sys_call(SYS_rt_sigprocmask, -1, last, 0, 8) != -EFAULT);
}

/* A robust mutex of a thread that ended is the next one's, who is told so. */
static bool mutex_is_its(u64 addr, u32 tid)
{
	const pthread_mutex_t *m = (const void *)(uintptr_t)addr;

	return readable(addr, sizeof(*m)) && m->__data.__kind >= 0 &&
	       !(m->__data.__kind & ROBUST) &&
	       (u32)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED) == tid;
}

static bool rwlock_is_its(u64 addr, u8 mode, u32 tid)
{
	const pthread_rwlock_t *l = (const void *)(uintptr_t)addr;

	if (!readable(addr, sizeof(*l)))
		return false;
	if (mode == HELD_WRITE)
		return (u32)__atomic_load_n(&l->__data.__cur_writer, __ATOMIC_RELAXED) == tid;
	return __atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED) >= READER;
}

static bool spin_is_locked(u64 addr)
{
	return readable(addr, 4) &&
	       __atomic_load_n((const i32 *)(uintptr_t)addr, __ATOMIC_RELAXED) <= 0;
}

static bool still_held(const struct thread *t, const struct st_held *h)
{
	switch (h->mode) {
	case HELD_MUTEX:
		return mutex_is_its(h->addr, t->tid);
	case HELD_READ:
	case HELD_WRITE:
		return rwlock_is_its(h->addr, h->mode, t->tid);
	case HELD_SPIN:
		return spin_is_locked(h->addr);
	default:
		return false;
	}
}

void thread_exit_begins(struct thread *t)
{
	struct st_live *l = t->live_kept;
	u32 n = l->nheld;
	bool half = l->acquiring && n < HELD_MAX;

	/* Torn out of a lock call: it has the lock, or not. */
	if (l->acquiring)
		held_count(l,
			   n + (half && l->held[n].mode != HELD_READ && l->held[n].addr &&
				still_held(t, &l->held[n])),
			   0);
	if (l->wait_call == CALL_none)
		return;
	t->left_call = l->wait_call;
	t->left_stack = l->wait_stack;
	t->left_pc = l->wait_pc;
	if (l->wait_call != CALL_cond_wait || held_find(l, l->wait_with_addr) ||
	    !mutex_is_its(l->wait_with_addr, t->tid))
		return;
	n = l->nheld;
	if (n < HELD_MAX)
		l->held[n] = (struct st_held){.addr = l->wait_with_addr,
					      .pc = l->wait_pc,
					      .sp = l->wait_sp,
					      .stack = l->wait_stack,
					      .count = 1,
					      .mode = HELD_MUTEX};
	held_count(l, n + 1, 0);
}

static const char *const mode_names[] = {
    [HELD_MUTEX] = "mutex", [HELD_READ] = "read", [HELD_WRITE] = "write", [HELD_SPIN] = "spin"};
static const u8 kind_of_mode[] = {[HELD_MUTEX] = SYNC_mutex,
				  [HELD_READ] = SYNC_rwlock,
				  [HELD_WRITE] = SYNC_rwlock,
				  [HELD_SPIN] = SYNC_spin};

/* Its frames have returned: what was noted when the lock was taken is all there is. */
static u32 stack_noted(struct thread *t, u32 stack, u64 pc)
{
	struct st_held h = {.pc = pc, .sp = t->stack_lo, .stack = stack};

	return stack || !pc ? stack : stack_of_held(t, &h);
}

static void tell(struct thread *t, const struct st_held *h)
{
	const struct st_thread *row = t->row;
	bool canceled = row->flags & TF_CANCELED && !t->returned && !row->end_stack;
	u32 taken = stack_noted(t, h->stack, h->pc);
	struct st_sync *s = sync_row(sync_see(t, h->addr, kind_of_mode[h->mode], 0));
	struct event_misuse e = {
	    .kind = canceled ? "cancelled-while-holding-lock" : "lock-held-at-thread-exit",
	    .detail = mode_names[h->mode],
	    .addr = h->addr,
	    .obj = s ? s->serial : 0,
	    .fd = -1,
	    .stack = taken,
	    .detached = (row->flags & (TF_DETACHED | TF_MAIN | TF_ADOPTED)) == TF_DETACHED};

	if (canceled) {
		e.call = t->left_call ? call_name(t->left_call) : "";
		e.other = row->canceler;
		e.other_stack = row->cancel_stack;
		e.third_stack = stack_noted(t, t->left_stack, t->left_pc);
	} else {
		e.call = row->end_stack ? row->flags & TF_C11 ? "thrd_exit" : "pthread_exit" : "";
		e.third_stack = row->end_stack;
	}
	e.third = e.third_stack ? t->serial : 0;
	event_misuse(t->serial, &e);
}

/* What lies on its own stack has ended with its function; main's stack stays. */
static bool is_gone(const struct thread *t, const struct st_held *h)
{
	return !(t->row->flags & TF_MAIN) && h->addr >= t->stack_lo && h->addr < t->stack_hi;
}

void thread_exit_judge(struct thread *t)
{
	struct st_live *l = t->live_kept;
	u32 n = l->nheld < HELD_MAX ? l->nheld : HELD_MAX;

	for (u32 i = 0; i < n; i++) {
		const struct st_held *h = &l->held[i];

		/* a recursive one is told once, at its first place */
		if (h->addr && held_first(l, h) && !is_gone(t, h) && still_held(t, h))
			tell(t, h);
	}
}
