/* SPDX-License-Identifier: MIT */
/*
 * Where the wrappers tell state/order.h that one thread's doing comes before another's. A release
 * is told before the real call, an acquire after it. None of these touches errno; signal-safe.
 */
#ifndef WRAP_ORDERING_H
#define WRAP_ORDERING_H

#include "state/fds.h"
#include "state/order.h"
#include "state/roles.h"
#include "state/sync.h"

static inline u64 ordering_of_sync(const struct st_sync *s, u32 gen)
{
	return order_key(ORDER_SYNC, s->serial, gen);
}

/* Onces are known by their address. */
static inline u64 ordering_of_once(u64 addr)
{
	return order_key(ORDER_ONCE, (u32)addr, (u32)(addr >> 32));
}

/* Those who come to a barrier in one round: `posts` of its row counts arrivals. Returns the key to
 * acquire with when the round is over. */
static inline u64 ordering_arrives(struct thread *t, struct st_sync *s)
{
	u64 n = __atomic_fetch_add(&s->posts, 1, __ATOMIC_RELAXED),
	    key = ordering_of_sync(s, s->value ? n / s->value & 1 : 0);

	order_release(t, key);
	return key;
}

/* A pipe, pair, eventfd or message queue may lead to another thread of this process: told in
 * diagnose mode, noted as possible in audit. */
static inline bool ordering_is_channel(const struct st_fd *f)
{
	return f && 1u << f->kind & (1u << FDK_pipe | 1u << FDK_socketpair | 1u << FDK_eventfd |
				     1u << FDK_mqueue);
}
void ordering_sends(struct thread *t, const struct st_fd *f);
void ordering_received(struct thread *t, const struct st_fd *f);

#endif
