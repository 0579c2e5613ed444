/* SPDX-License-Identifier: MIT */
/*
 * What happened before what: the "enforced" order between threads (create, join, signal→wait if
 * that signal woke that wait, post→wait, barrier, once, write→read inside this process), by vector
 * clocks. The hand-over of a mutex or rwlock is no part of it: it only happened to come in that
 * order. (The "ordered" relation, with all edges, for rules about data, is to be a second clock in
 * struct thread_order, joined at the same places and at lock hand-overs as well.)
 *
 * Each thread has a slot and in it an epoch, which rises when something is stamped after a release.
 * A stamp names such an epoch: all that the thread did up to its next release. A clock says for
 * each slot up to which epoch its owner can know of it. Slots are used again: by somebody who knows
 * all of the dead owner's life, else fresh, else the one that ended longest ago (its dead owner
 * alone then seems to come before the new one). With more threads alive than slots the rest have
 * none, and the answer about them is ORDER_UNKNOWN.
 *
 * In audit mode the order comes from births, ends, joins, barriers, onces and waits that really
 * blocked; where a semaphore or descriptor may have ordered two threads without that being seen,
 * the answer is ORDER_UNKNOWN as well. In diagnose mode every semaphore pair and every transfer
 * inside the process counts.
 *
 * Signal-safe; order.lock comes after all other locks of state/ but the arena's.
 */
#ifndef STATE_ORDER_H
#define STATE_ORDER_H

#include "base/common.h"
#include "base/config.h"
#include "state/thread.h"

#define ORDER_SLOTS 512u

enum order { ORDER_NO, ORDER_YES, ORDER_UNKNOWN };

/* What the thread does from here to its next release. Never 0. */
u64 order_stamp(struct thread *t);
/* Did what is stamped come before all that `now` (the calling thread) does from here on, for
 * certain? Cheap: no lock. */
enum order order_before(u64 stamp, const struct thread *now);
/* Did one of two things that others did surely come before the other? ORDER_NO: surely not.
 * Otherwise ORDER_UNKNOWN: their threads have met since. */
enum order order_between(u64 a, u64 b);
/* The thread that made the stamp, by serial; 0 if that is forgotten. */
u32 order_thread(u64 stamp);
/* Which process's order the stamps are of: a forked child begins anew. */
u32 order_world(void);

/* ---- threads: called by state/thread.c and wrap/thread.c ---- */
/* `parent` NULL: its birth was not seen; with TF_ADOPTED in its flags (and not TF_MAIN) what came
 * before may have been ordered before it. */
void order_thread_born(struct thread *parent, struct thread *child);
void order_thread_discarded(struct thread *child);
/* By the thread itself. What it knew is kept for whoever joins it. */
void order_thread_ended(struct thread *t);
void order_thread_joined(struct thread *by, const struct st_thread *row);
/* Its row is given back: nobody will join it any more. */
void order_thread_reaped(const struct st_thread *row);
void order_fork_child(void);

/* ---- objects: what a thread did before a release comes before what another does after the acquire
 * ---- */
enum order_kind { ORDER_SYNC = 1, ORDER_FD, ORDER_MQ, ORDER_ONCE };
static inline u64 order_key(enum order_kind kind, u32 id, u32 gen)
{
	return (u64)kind << 60 | (u64)(gen & 0xfffffff) << 32 | id;
}
void order_release(struct thread *t, u64 key);
/* The same where nothing released before matters any more: all who were let go are through. */
void order_release_anew(struct thread *t, u64 key);
void order_acquire(struct thread *t, u64 key);
void order_forget(u64 key);

/* ---- what is not seen ---- */
/* From now on the thread may release (post, write to) or acquire (wait for, read from) this without
 * our seeing it. */
void order_may_release(struct thread *t, u64 key);
void order_may_acquire(struct thread *t, u64 key);
/* It synchronises by means of its own (futexes). */
void order_opaque(struct thread *t);
/* Are uncontended pairs and transfers to be told? */
static inline bool order_all(void)
{
	return unlikely(config.mode);
}

#endif
