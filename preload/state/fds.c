/* SPDX-License-Identifier: MIT */
/*
 * Owns: the descriptor rows. See fds.h. No locks: the kernel hands a number to one thread at a time.
 */
#include "state/fds.h"

#include "base/clock.h"
#include "state/roles.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "state/timers.h"

struct st_fd *fd_get(int fd)
{
	struct st_fd *f = state && fd >= 0 ? row_get(TABLE_fd, (u32)fd) : NULL;

	return f && f->gen ? f : NULL;
}

static void count_open(int by)
{
	u32 n = __atomic_add_fetch(&state->fds_open, (u32)by, __ATOMIC_RELAXED);

	if (by > 0 && n > state->fds_peak)
		state->fds_peak = n;
}

static void end_generation(struct st_fd *f, struct thread *t, u32 stack)
{
	struct st_site *s = site_get(f->site);

	f->open = 0;
	f->closed_by = t->serial;
	f->closed_stack = stack;
	f->closed = clock_coarse();
	if (s) {
		if (f->ordinal == s->made)
			__atomic_fetch_add(&s->gone_newest, 1, __ATOMIC_RELAXED);
		site_died(f->site, f->closed);
	}
	if (f->timer)
		timer_died(f->timer);
	count_open(-1);
}

struct st_fd *fd_born(struct thread *t, int fd, const struct fd_birth *b)
{
	struct st_fd *f = fd < 0 ? NULL : row_at(TABLE_fd, (u32)fd);
	uintptr_t slot = 0;
	u32 stack;

	if (!f)
		return NULL;
	stack = b->stack ? b->stack : stack_here_slot(t, &slot);
	if (f->open)
		end_generation(f, t, 0);
	f->prev_stack = f->gen ? f->stack : 0;
	f->prev_closed_by = f->closed_by;
	f->prev_closed_stack = f->closed_stack;
	f->num = fd;
	f->kind = b->kind;
	f->flags = b->flags | (t->in_library ? FF_LIBRARY : 0);
	f->thread = t->serial;
	f->stack = stack;
	f->peer = b->peer;
	f->used_by = f->users = f->closed_by = f->closed_stack = f->timer = 0;
	f->reads = f->writes = f->used = f->closed = 0;
	f->creator_cfa = slot;
	f->born = clock_coarse();
	f->site = f->flags & (FF_LIBRARY | FF_INHERITED) ? 0 : site_born(SITE_fd, b->kind, stack, t->serial, f->born);
	f->ordinal = f->last_ordinal = f->site ? site_get(f->site)->made : 0;
	f->gen++;
	f->open = 1;
	count_open(1);
	return f;
}

void fd_died(struct thread *t, int fd)
{
	struct st_fd *f = fd_get(fd);

	if (f && f->open)
		end_generation(f, t, stack_here(t));
}

void fd_revive(int fd)
{
	struct st_fd *f = fd_get(fd);

	if (f && !f->open)
		f->closed_stack = 0; /* it had been closed before, unseen */
}

u32 fd_exhausted(struct thread *t, enum fd_kind kind)
{
	u32 stack = stack_here(t);

	site_failed(SITE_fd, kind, stack, t->serial, clock_coarse());
	return stack;
}

void fd_used(struct thread *t, int fd, u32 role)
{
	struct st_fd *f = fd_get(fd);
	struct st_site *s;

	if (!f || !f->open)
		return;
	if (f->used_by != t->serial) {
		f->users = f->used_by ? 2 : 1;
		f->used_by = t->serial;
	}
	if (role & ROLE_SENDS)
		f->writes++;
	if (role & ROLE_RECEIVES)
		f->reads++;
	f->used = clock_coarse();
	s = f->site ? site_get(f->site) : NULL;
	if (s && s->made != f->last_ordinal) {
		f->last_ordinal = s->made;
		if (!(f->flags & FF_USED_LATE)) {
			f->flags |= FF_USED_LATE;
			__atomic_fetch_add(&s->used_late, 1, __ATOMIC_RELAXED);
		}
	}
}
