/* SPDX-License-Identifier: MIT */
/*
 * Owns: the descriptor rows. See fds.h. No locks: the kernel hands a number to one thread at a
 * time.
 */
#include "state/fds.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "base/sys.h"
#include "state/handlers.h"
#include "state/queues.h"
#include "state/roles.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "state/timers.h"

struct st_fd *fd_get(int fd)
{
	struct st_table *tb;
	struct st_fd *f;

	if (unlikely(!state || fd < 0))
		return NULL;
	tb = &state->table[TABLE_fd];
	if (likely((u32)fd < tb->first && tb->chunk[0])) /* low numbers, without the arithmetic */
		f = (struct st_fd *)((char *)state + tb->chunk[0]) + fd;
	else
		f = row_get(TABLE_fd, (u32)fd);
	return f && f->gen ? f : NULL;
}

static void count_open(int by)
{
	u32 n = __atomic_add_fetch(&state->fds_open, (u32)by, __ATOMIC_RELAXED);

	if (by > 0 && n > state->fds_peak)
		state->fds_peak = n;
}

/* Does the thread serve a request that its creator has handed on: on the creator's descriptor, or
 * on a copy that was made for it? */
static void note_serves(struct thread *t, const struct st_fd *f)
{
	const struct st_thread *row = t->row;

	if (!row->req_gen || f->thread == t->serial)
		return;
	if ((f->num == row->req_fd && f->gen == row->req_gen) ||
	    (f->thread == row->parent &&
	     (f->flags & FF_COPY || f->kind == FDK_dup || f->kind == FDK_received)))
		__atomic_fetch_or(&t->row->flags, TF_SERVES, __ATOMIC_RELAXED);
}

static void end_generation(struct st_fd *f, struct thread *t, u32 stack)
{
	struct st_site *s = site_get(f->site);

	note_serves(t, f);
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
	if (f->queue)
		queue_closed(f->queue);
	count_open(-1);
}

struct st_fd *fd_born(struct thread *t, int fd, const struct fd_birth *b)
{
	struct st_fd *f = fd < 0 ? NULL : row_at(TABLE_fd, (u32)fd);
	struct st_site *s;
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
	f->prev_thread = f->thread;
	f->prev_used_by = f->used_by;
	f->prev_used_pc = f->used_pc;
	f->prev_kind = f->kind;
	f->prev_flags = f->flags;
	f->num = fd;
	f->kind = b->kind;
	f->flags = b->flags | (t->in_library ? FF_LIBRARY : 0);
	f->thread = t->serial;
	f->stack = stack;
	f->peer = b->peer;
	f->used_by = f->users = f->closed_by = f->closed_stack = f->timer = f->sender =
	    f->receiver = f->stranger = f->queue = f->work = 0;
	f->reads = f->writes = f->used = f->closed = f->used_pc = 0;
	f->creator_cfa = slot;
	f->born = clock_coarse();
	/* What is put on 0, 1 or 2 stays by design. */
	f->site = fd <= 2 || f->flags & (FF_LIBRARY | FF_INHERITED | FF_LEARNED)
		      ? 0
		      : site_born(SITE_fd, b->kind, stack, t->serial, f->born);
	s = site_get(f->site);
	f->ordinal = f->last_ordinal = s ? s->made : 0;
	f->gen++;
	f->open = 1;
	count_open(1);
	return f;
}

void fd_died_at(struct thread *t, int fd, u32 stack)
{
	struct st_fd *f = fd_get(fd);

	if (f && f->open)
		end_generation(f, t, stack);
}

void fd_died(struct thread *t, int fd)
{
	struct st_fd *f = fd_get(fd);

	if (f && f->open)
		end_generation(f, t, stack_here(t));
}

static u32 last_row(u32 last)
{
	u32 n = state->table[TABLE_fd].used;

	return last < n ? last + 1 : n;
}

void fd_died_range(struct thread *t, u32 first, u32 last, u32 stack)
{
	for (u32 i = first, n = last_row(last); i < n; i++)
		fd_died_at(t, (int)i, stack);
}

static bool kernel_has(int fd)
{
	return sys_call(SYS_fcntl, fd, F_GETFD, 0, 0) >= 0;
}

void fd_revive_range(u32 first, u32 last, u32 stack)
{
	for (u32 i = first, n = last_row(last); i < n; i++) {
		struct st_fd *f = fd_get((int)i);

		if (!f || f->open || f->closed_stack != stack || !kernel_has((int)i))
			continue;
		f->open = 1;
		f->closed_by = f->closed_stack = 0;
		f->closed = 0;
		count_open(1);
	}
}

void fd_revive(int fd)
{
	struct st_fd *f = fd_get(fd);

	if (f && !f->open)
		f->closed_stack = 0; /* it had been closed before, unseen */
}

void fd_close_failed(int fd)
{
	struct st_fd *f = fd_get(fd);

	if (f && !f->open)
		f->flags |= FF_CLOSE_FAILED;
}

u32 fd_stream(int fd)
{
	struct st_fd *f = fd_get(fd);

	return f && f->open ? f->flags & (FF_STREAM | FF_DIRSTREAM) : 0;
}

u32 fd_exhausted(struct thread *t, enum fd_kind kind, u32 *failures)
{
	u32 stack = stack_here(t);
	struct st_site *s = site_get(site_failed(SITE_fd, kind, stack, t->serial, clock_coarse()));

	*failures = s ? s->failed : 1;
	return stack;
}

/* What a name stood for is asked when the descriptor is first used: an open that is followed by a
 * close costs no system call more. */
static COLD u32 kind_of(int fd, u32 otherwise)
{
	struct stat st;

	/* x86-64 and arm64 share the layout of the kernel's struct stat as libc declares it. */
	if (sys_call(SYS_fstat, fd, &st, 0, 0) < 0)
		return otherwise;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return FDK_file;
	case S_IFDIR:
		return FDK_dir;
	case S_IFIFO:
		return FDK_fifo;
	case S_IFSOCK:
		return FDK_socket;
	case S_IFCHR:
		return st.st_rdev == makedev(5, 2) ? FDK_pty : otherwise; /* /dev/ptmx */
	}
	return otherwise;
}

static bool is_queue(u32 kind)
{
	return kind == FDK_pipe || kind == FDK_fifo || kind == FDK_socketpair ||
	       kind == FDK_eventfd;
}

/* Was a later one of its site opened since? Counts once a descriptor. */
static void note_late(struct st_fd *f)
{
	struct st_site *s = f->site ? site_get(f->site) : NULL;

	if (likely(!s || s->made == f->last_ordinal))
		return;
	f->last_ordinal = s->made;
	if (f->flags & FF_USED_LATE)
		return;
	f->flags |= FF_USED_LATE;
	__atomic_fetch_add(&s->used_late, 1, __ATOMIC_RELAXED);
}

void fd_used_late(struct st_fd *f)
{
	if (f->open)
		note_late(f);
}

/* Who uses a queue how: looked up only when another thread comes than the last one. */
static COLD void note_role(struct thread *t, struct st_fd *f, u32 role)
{
	*(role == ROLE_SENDS ? &f->sender : &f->receiver) = t->serial;
	role_note(t, ROLE_FD, (u32)f->num, f->gen, role);
}

/* It is in use by who opened it, and now by one who had closed this number before: did that one
 * only forget to forget it? */
static void note_stranger(struct thread *t, struct st_fd *f)
{
	if (likely(!f->prev_closed_stack || f->prev_closed_by != t->serial))
		return;
	if (f->thread != t->serial && f->used_by == f->thread && f->users == 1 &&
	    (f->prev_thread == t->serial || f->prev_used_by == t->serial))
		f->stranger = t->serial;
}

struct st_fd *fd_use(struct thread *t, int fd, u32 role, u64 now)
{
	struct st_fd *f = fd_get(fd);

	if (!f || !f->open)
		return NULL;
	if (unlikely(f->flags & FF_UNSURE)) {
		f->kind = kind_of(fd, f->kind);
		f->flags &= ~(u32)FF_UNSURE;
	}
	if (f->used_by != t->serial) {
		note_stranger(t, f);
		note_serves(t, f);
		f->users = f->used_by ? 2 : 1;
		f->used_by = t->serial;
	}
	if (role & ROLE_SENDS) {
		f->writes++;
		if ((f->sender != t->serial || unlikely(handler_now != NULL)) && is_queue(f->kind))
			note_role(t, f, ROLE_SENDS);
	}
	if (role & ROLE_RECEIVES) {
		f->reads++;
		if (fd_is_of_peer(f))
			t->serving = (u32)fd + 1;
		if (f->receiver != t->serial && is_queue(f->kind))
			note_role(t, f, ROLE_RECEIVES);
	}
	f->used = now;
	note_late(f);
	return f;
}

void fd_used(struct thread *t, int fd, u32 role)
{
	fd_use(t, fd, role, clock_coarse());
}

u32 fd_polled(struct thread *t, int fd)
{
	struct st_fd *f = fd_get(fd);

	if (!f || !f->open)
		return FDK_unknown;
	if (likely(f->flags & FF_POLLED)) {
		note_late(f);
		return f->kind;
	}
	f->flags |= FF_POLLED;
	fd_used(t, fd, 0);
	return f->kind;
}

struct st_fd *fd_learn(struct thread *t, int fd, u32 flags)
{
	struct fd_birth b = {.flags = flags | FF_LEARNED, .peer = -1};

	if (fd < 0 || fd_is_ours(fd) || !kernel_has(fd))
		return NULL;
	b.kind = (enum fd_kind)kind_of(fd, FDK_unknown);
	if (b.kind == FDK_fifo)
		b.kind = FDK_pipe; /* with or without a name */
	return fd_born(t, fd, &b);
}

void fd_flags(int fd, u32 set, u32 clear)
{
	struct st_fd *f = fd_get(fd);

	if (f && f->open)
		f->flags = (f->flags | set) & ~clear;
}
