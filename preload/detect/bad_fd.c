/* SPDX-License-Identifier: MIT */
/*
 * Owns: when EBADF is a fault. See bad_fd.h. No locks; a thread's held-back closes are its own.
 */
#include "detect/bad_fd.h"

#include "base/sys.h"
#include "state/fds.h"
#include "state/stacks.h"
#include "trace/event.h"

enum { SWEEP = 3 };

static void tell(struct thread *t, int fd, const char *call, u32 stack, u32 other, u32 other_stack)
{
	struct event_misuse e = {.kind = "bad-descriptor",
				 .err = "EBADF",
				 .fd = fd,
				 .call = call,
				 .stack = stack,
				 .other = other,
				 .other_stack = other_stack};

	event_stack(fd_get(fd) ? fd_get(fd)->stack : 0);
	event_misuse(t->serial, &e);
}

/* The row of a descriptor that was opened and closed before our eyes and not yet spoken of; NULL
 * otherwise. */
static struct st_fd *known_dead(int fd)
{
	struct st_fd *f = fd_get(fd);

	if (!f || f->open || !f->closed_stack || !f->stack ||
	    f->flags & (FF_MISUSED | FF_INHERITED | FF_LEARNED | FF_LIBRARY))
		return NULL;
	return f;
}

COLD void bad_fd_used(struct thread *t, int fd)
{
	struct st_fd *f = fd < 0 ? NULL : known_dead(fd);

	if (!f || sys_call(SYS_fcntl, fd, F_GETFD, 0, 0) != -EBADF)
		return;
	f->flags |= FF_MISUSED;
	tell(t, fd, "", stack_here(t), f->closed_by, f->closed_stack);
}

COLD void bad_fd_settle_slow(struct thread *t)
{
	struct bad_close *b = &t->bad_close;
	u32 n = b->run < SWEEP ? b->n : 0;

	b->run = b->n = 0;
	for (u32 i = 0; i < n; i++)
		tell(t, b->pending[i].fd, "close", b->pending[i].stack, b->pending[i].other,
		     b->pending[i].other_stack);
}

COLD void bad_fd_closed(struct thread *t, int fd)
{
	struct bad_close *b = &t->bad_close;
	struct st_fd *f = known_dead(fd);

	if (b->run && fd != b->last + 1 && fd != b->last - 1)
		bad_fd_settle_slow(t);
	b->last = fd;
	b->run++;
	if (!f || b->run >= SWEEP)
		return;
	f->flags |= FF_MISUSED;
	b->pending[b->n].fd = fd;
	b->pending[b->n].stack = stack_here(t);
	b->pending[b->n].other = f->closed_by;
	b->pending[b->n].other_stack = f->closed_stack;
	b->n++;
}
