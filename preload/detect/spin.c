/* SPDX-License-Identifier: MIT */
/*
 * Owns: table `spin`. One row a thread and place; a thread writes only its own. See spin.h.
 */
#include "detect/spin.h"

#include "base/clock.h"
#include "base/sys.h"
#include "state/held.h"
#include "state/stacks.h"

/* Calls further apart than this, in processor time, are a program at work that gives way now and
 * then. */
enum { CPU_A_CALL = 5000 /* ns */, FIRST = 10 * SPIN_LOOK, EVERY = 16 * SPIN_LOOK };

/* Not by vDSO: it would be a system call all the same. 0: a sandbox forbids it. */
static u64 cpu_ns(void)
{
	struct timespec ts = {0};

	if (sys_call(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &ts, 0, 0) < 0)
		return 0;
	return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

struct search {
	struct thread *spinner;
	struct st_live *found;
};

/* Does this thread wait for the spinner: its end, a lock it holds, or, being the one that started
 * it, for whatever it is to do? */
static bool waits_for(struct st_live *l, void *arg)
{
	struct search *s = arg;
	const struct thread *t = s->spinner;
	bool creator = l->thread == t->row->parent;

	if (l == t->live || l->wait_flags & (WF_TIMED | WF_NONBLOCK))
		return false;
	switch (l->wait_call) {
	case CALL_join:
		if (!creator && l->wait_obj != t->serial)
			return false;
		break;
	case CALL_cond_wait:
	case CALL_sem_wait:
	case CALL_barrier_wait:
		if (!creator)
			return false;
		break;
	case CALL_mutex_lock:
	case CALL_rwlock_rdlock:
	case CALL_rwlock_wrlock:
	case CALL_spin_lock:
		if (!held_find(t->live, l->wait_addr))
			return false;
		break;
	default:
		return false;
	}
	s->found = l;
	return true;
}

static struct st_spin *row_of(struct thread *t, u32 stack)
{
	struct st_spin *r = t->spin.row ? row_get(TABLE_spin, t->spin.row) : NULL;
	u32 i;

	if (r && r->stack == stack)
		return r;
	i = row_new(TABLE_spin);
	if (i == UINT32_MAX)
		return NULL;
	t->spin.row = i;
	r = row_get(TABLE_spin, i);
	r->stack = stack;
	r->call = r->flags = r->waiter = r->episodes = 0;
	r->calls = r->ns = r->cpu = r->addr = 0;
	__atomic_store_n(&r->thread, t->serial, __ATOMIC_RELEASE);
	return r;
}

static void keep(struct thread *t, u32 call, u64 now, u64 cpu)
{
	struct search s = {.spinner = t};
	struct st_spin *r;

	if (!live_each(waits_for, &s) || !(r = row_of(t, stack_here(t))))
		return;
	if (!t->spin.kept)
		r->episodes++;
	t->spin.kept = true;
	if (t->spin.calls < r->calls)
		return;
	r->call = call;
	r->addr = t->spin.addr;
	r->calls = t->spin.calls;
	r->ns = now - t->spin.start;
	r->cpu = cpu - t->spin.cpu;
	r->flags = SPF_GOES_ON;
	r->waiter = s.found->thread;
	r->waiter_call = s.found->wait_call;
	r->waiter_stack = s.found->wait_stack;
	r->waiter_since = s.found->wait_since;
	r->last = now;
}

COLD void spin_look(struct thread *t, u32 call, u64 addr)
{
	u32 n = t->spin.calls;
	u64 now, cpu;
	int e = errno;

	(void)addr;
	if (n != SPIN_LOOK && n != FIRST && n % EVERY)
		return;
	now = clock_now();
	cpu = cpu_ns();
	if (n == SPIN_LOOK) {
		t->spin.start = now;
		t->spin.cpu = cpu;
	} else if (cpu && cpu - t->spin.cpu < (u64)(n - SPIN_LOOK) * CPU_A_CALL) {
		keep(t, call, now, cpu);
	}
	errno = e;
}

COLD void spin_over(struct thread *t, bool acquired)
{
	struct st_spin *r = t->spin.kept ? row_get(TABLE_spin, t->spin.row) : NULL;

	t->spin.calls = 0;
	t->spin.addr = 0;
	t->spin.kept = false;
	if (!r || !(r->flags & SPF_GOES_ON))
		return;
	r->flags = acquired ? SPF_ACQUIRED : 0;
	if (acquired) /* it was for something: as if it had not been */
		r->calls = r->ns = r->cpu = 0;
}
