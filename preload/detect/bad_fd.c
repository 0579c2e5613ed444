/* SPDX-License-Identifier: MIT */
/*
 * Owns: when EBADF is a fault, and when a call that goes well is one. See bad_fd.h. No locks; a
 * thread's held-back closes are its own.
 *
 * A number says nothing about who may use it: it may have been handed over. So a second close that
 * hits another thread's descriptor is marked (FF_STOLEN) and told only when one who opened or used
 * that descriptor finds it closed; a call on it only if the kernel says that it is of the wrong
 * sort (error), or, as a suspicion, if it comes from the very place where the caller last used its
 * own one of another kind.
 */
#include "detect/bad_fd.h"

#include "base/sys.h"
#include "state/fds.h"
#include "state/stacks.h"
#include "trace/event.h"

enum { SWEEP = 3 };
enum { UNSEEN = FF_LEARNED | FF_LIBRARY };

static struct event_misuse about(int fd, const char *err, const char *call, const char *detail)
{
	return (struct event_misuse){
	    .kind = "bad-descriptor", .err = err, .fd = fd, .call = call, .detail = detail};
}

/* Who opened and closed the row's generation. */
static void add_life(struct event_misuse *e, const struct st_fd *f)
{
	e->fd_kind = f->kind;
	e->third = f->thread;
	e->third_stack = f->stack;
	e->other = f->closed_by;
	e->other_stack = f->closed_stack;
}

static void add_prev(struct event_misuse *e, const struct st_fd *f)
{
	e->prev = f->prev_thread;
	e->prev_stack = f->prev_stack;
	e->prev_closed_by = f->prev_closed_by;
	e->prev_closed_stack = f->prev_closed_stack;
}

/* The row of a descriptor that was opened and closed before our eyes and not yet spoken of; NULL
 * otherwise. */
static struct st_fd *known_dead(int fd)
{
	struct st_fd *f = fd_get(fd);

	if (!f || f->open || !f->closed_stack || !f->stack || f->flags & (FF_MISUSED | UNSEEN))
		return NULL;
	return f;
}

/* Both generations were seen. */
static bool prev_known(const struct st_fd *f)
{
	return f->prev_stack && f->prev_closed_stack && f->stack &&
	       !((f->flags | f->prev_flags) & UNSEEN);
}

static bool tell_stolen(struct thread *t, struct st_fd *f, const char *call)
{
	struct event_misuse e = about(f->num, "EBADF", call, "stolen");

	if (!(f->flags & FF_STOLEN) || f->closed_by == t->serial)
		return false;
	f->flags |= FF_MISUSED;
	add_life(&e, f);
	add_prev(&e, f);
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
	return true;
}

COLD void bad_fd_used(struct thread *t, int fd)
{
	struct st_fd *f = fd < 0 ? NULL : known_dead(fd);
	struct event_misuse e = about(fd, "EBADF", "", NULL);

	if (!f || sys_call(SYS_fcntl, fd, F_GETFD, 0, 0) != -EBADF || tell_stolen(t, f, ""))
		return;
	f->flags |= FF_MISUSED;
	add_life(&e, f);
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

/* ---- closes
 * ------------------------------------------------------------------------------------------------------------
 */

COLD void bad_fd_settle_slow(struct thread *t)
{
	struct bad_close *b = &t->bad_close;
	u32 n = b->run < SWEEP || !b->others ? b->n : 0;

	b->run = b->n = 0;
	for (u32 i = 0; i < n; i++) {
		struct event_misuse e = about(b->pending[i].fd, "EBADF", "close", NULL);

		e.stack = b->pending[i].stack;
		e.other = b->pending[i].other;
		e.other_stack = b->pending[i].other_stack;
		e.third = b->pending[i].third;
		e.third_stack = b->pending[i].third_stack;
		e.fd_kind = b->pending[i].fd_kind;
		event_misuse(t->serial, &e);
	}
}

/* One more close by this thread: does it go on with what may be a sweep? `other`: it is of a number
 * that was open, or of which nothing is known. */
static void step(struct bad_close *b, struct thread *t, int fd, uintptr_t pc, bool other)
{
	int by = fd - b->last;

	if (b->run && (pc != b->pc || (by != 1 && by != -1) || (b->run > 1 && by != b->step)))
		bad_fd_settle_slow(t);
	if (!b->run)
		b->others = false;
	b->others |= other;
	b->run++;
	b->step = by;
	b->last = fd;
	b->pc = pc;
}

/* The caller has had nothing to do with it, but had with what was open under the number before. */
static bool is_strangers(const struct thread *t, const struct st_fd *f)
{
	u32 me = t->serial;

	return prev_known(f) && f->thread != me && f->used_by != me && f->users < 2 &&
	       (f->prev_closed_by == me || f->prev_thread == me || f->prev_used_by == me);
}

/* A stream closes the number that was taken away from it by close(), and given to another since. */
static COLD void tell_stream(struct thread *t, struct st_fd *f, u32 owner)
{
	struct event_misuse e = about(f->num, NULL, "close", "stream");

	/* Below 3 it is an old way to give a standard stream another file. */
	if (!(f->prev_flags & owner) || !(f->prev_flags & FF_BEHIND) || !prev_known(f) ||
	    f->flags & FF_MISUSED || f->num <= 2)
		return;
	f->flags |= FF_MISUSED;
	add_life(&e, f);
	add_prev(&e, f);
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

void bad_fd_closing(struct thread *t, struct st_fd *f, u32 owner, uintptr_t pc)
{
	step(&t->bad_close, t, f->num, pc, true);
	if (unlikely(f->prev_closed_stack && is_strangers(t, f) && t->bad_close.run < SWEEP))
		f->flags |= FF_STOLEN;
	if (owner && unlikely(!(f->flags & owner)))
		tell_stream(t, f, owner);
	else if (!owner && unlikely(f->flags & (FF_STREAM | FF_DIRSTREAM)))
		f->flags |= FF_BEHIND;
}

static COLD void closed_none(struct thread *t, int fd)
{
	struct event_misuse e = about(fd, "EBADF", "close", "negative");

	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

COLD void bad_fd_closed(struct thread *t, int fd, uintptr_t pc)
{
	struct bad_close *b = &t->bad_close;
	struct st_fd *f;
	u32 i;

	if (fd < 0) {
		closed_none(t, fd);
		return;
	}
	f = known_dead(fd);
	if (f && f->flags & FF_CLOSE_FAILED)
		f = NULL; /* tried again, as POSIX lets one after EINTR */
	step(b, t, fd, pc, !f);
	i = b->n; /* once: a handler may come between, and close, too */
	if (!f || tell_stolen(t, f, "close") || i >= ARRAY_SIZE(b->pending))
		return;
	f->flags |= FF_MISUSED;
	b->pending[i].fd = fd;
	b->pending[i].fd_kind = f->kind;
	b->pending[i].stack = stack_here(t);
	b->pending[i].other = f->closed_by;
	b->pending[i].other_stack = f->closed_stack;
	b->pending[i].third = f->thread;
	b->pending[i].third_stack = f->stack;
	b->n = i + 1;
}

/* ---- other calls on what is another's now
 * ------------------------------------------------------------------------------------------------------
 */

static void tell_stale(struct thread *t, struct st_fd *f, const char *err, const char *detail)
{
	struct event_misuse e = about(f->num, err, "", detail);

	f->flags |= FF_MISUSED;
	add_life(&e, f);
	add_prev(&e, f);
	e.stack = stack_here(t);
	event_misuse(t->serial, &e);
}

/* What was copied, or came from elsewhere, may be of any kind. */
static bool kind_known(u32 kind)
{
	return kind != FDK_unknown && kind != FDK_dup && kind != FDK_received;
}

COLD void bad_fd_strange(struct thread *t, struct st_fd *f, uintptr_t pc)
{
	if (f->flags & FF_MISUSED || !prev_known(f) || pc != f->prev_used_pc ||
	    f->kind == f->prev_kind || !kind_known(f->kind) || !kind_known(f->prev_kind))
		return;
	tell_stale(t, f, NULL, "maybe-stale");
}

COLD void bad_fd_mistaken(struct thread *t, int fd, int err)
{
	struct st_fd *f = fd_get(fd);

	if (f && f->open && f->stranger == t->serial && prev_known(f) && !(f->flags & FF_MISUSED))
		tell_stale(t, f, err == ENOTSOCK ? "ENOTSOCK" : "EBADF", "stale");
}
