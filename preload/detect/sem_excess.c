/* SPDX-License-Identifier: MIT */
/*
 * Owns: the judgement of a semaphore's last value. Evidence is the value and the roles of those who
 * used it: a producer only posts and a consumer only waits, so where everybody does both, and the
 * semaphore began with something to take, what is taken is given back. At ends only, never while a
 * semaphore is in use.
 */
#include "detect/sem_excess.h"

#include <errno.h>

#include "base/sys.h"
#include "state/roles.h"
#include "state/stacks.h"
#include "state/sync.h"
#include "trace/event.h"

static const struct st_role *role_at(u32 i, u32 obj)
{
	const struct st_role *r = row_get(TABLE_role, i);

	return r && r->kind == ROLE_SYNC && r->obj == obj ? r : NULL;
}

static bool plays(u32 obj, u32 thread, u32 role)
{
	u32 n = state->table[TABLE_role].used;

	for (u32 i = 1; i < n; i++) {
		const struct st_role *r = role_at(i, obj);

		if (r && r->thread == thread && r->role == role)
			return true;
	}
	return false;
}

/* Everybody who posts also waits, and the other way round. The busiest poster, NULL if not so. */
static const struct st_role *all_give_back(u32 obj)
{
	const struct st_role *poster = NULL;
	u32 n = state->table[TABLE_role].used;

	for (u32 i = 1; i < n; i++) {
		const struct st_role *r = role_at(i, obj);

		if (!r)
			continue;
		if (r->flags & (RF_HANDLER | RF_TIMER) ||
		    !plays(obj, r->thread, r->role == ROLE_SENDS ? ROLE_RECEIVES : ROLE_SENDS))
			return NULL;
		if (r->role == ROLE_SENDS && (!poster || r->count > poster->count))
			poster = r;
	}
	return poster;
}

void sem_excess_check(struct thread *t, u32 row, u32 value)
{
	const struct st_sync *s = sync_row(row);
	const struct st_role *poster;
	struct event_misuse e = {.kind = "semaphore-misuse", .detail = "excess", .fd = -1};

	/* what other processes did to a shared one is not known */
	if (!s || !s->value || value <= s->value || s->flags & (SF_PSHARED | SF_NAMED | SF_STATIC))
		return;
	poster = all_give_back(s->serial);
	if (!poster)
		return;
	e.obj = s->serial;
	e.addr = s->addr;
	e.sem_value = value;
	e.sem_made = s->value;
	e.other = poster->thread;
	e.other_stack = poster->stack;
	e.third = s->thread;
	e.third_stack = s->stack;
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

/* Those on the heap may be those of a queue: what is left in them tells whether somebody took what
 * a thread has posted that waits for it to be taken. */
enum { LOOKED_MOST = 4096 };

void sem_excess_end(struct thread *t)
{
	u32 n = state->table[TABLE_sync].used, looked = 0;

	for (u32 i = 1; i < n && looked < LOOKED_MOST; i++) {
		struct st_sync *s = row_get(TABLE_sync, i);

		if (!s || !s->serial || s->kind != SYNC_sem || s->died ||
		    (s->flags & SF_MODULE ? false : state->threads_live < 2) ||
		    sys_call(SYS_rt_sigprocmask, -1, s->addr & ~7ull, 0, 8) == -EFAULT)
			continue;
		looked++;
		s->left = __atomic_load_n((const u32 *)(uintptr_t)s->addr, __ATOMIC_RELAXED);
		s->flags |= SF_LEFT;
		if (s->flags & SF_MODULE && s->value)
			sem_excess_check(t, i, s->left);
	}
}
