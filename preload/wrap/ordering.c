/* SPDX-License-Identifier: MIT */
/* Owns: which descriptor leads to which. See ordering.h. */
#include "wrap/ordering.h"

/* A channel is known by the descriptor that is read from, a queue by its name. */
static u64 read_end(const struct st_fd *f)
{
	if (f->kind == FDK_mqueue)
		return order_key(ORDER_MQ, f->queue, 0);
	return order_key(ORDER_FD, (u32)f->num, f->gen);
}

/* Where does what is written into f come out? 0: not known. */
static u64 far_end(const struct st_fd *f)
{
	bool same = f->kind == FDK_eventfd || f->kind == FDK_mqueue;
	const struct st_fd *to = same ? f : f->peer >= 0 ? fd_get(f->peer) : NULL;

	return to && (to == f || to->peer == f->num) ? read_end(to) : 0;
}

void ordering_sends(struct thread *t, const struct st_fd *f)
{
	u64 key = far_end(f);

	if (!key)
		return;
	if (order_all())
		order_release(t, key);
	else
		order_may_release(t, key);
}

void ordering_received(struct thread *t, const struct st_fd *f)
{
	if (order_all())
		order_acquire(t, read_end(f));
	else
		order_may_acquire(t, read_end(f));
}
