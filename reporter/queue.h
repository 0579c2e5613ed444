/* SPDX-License-Identifier: MIT */
/*
 * Queues, recognised by what threads do: a mutex with its condition variables, semaphores, pipes
 * and socket pairs, message queues. For a blocked thread: does it wait to be given something, or
 * has it something to hand over and waits until that is taken? Who receives what it hands over?
 *
 * Writing and sending say so by their names. A wait on a semaphore or condition variable says
 * nothing; who spoke first does: the first post or signal a queue ever sees announces a value,
 * nobody can acknowledge one before. So a thread hands over if it, or one started at its place,
 * announced before it ever waited here, and before anybody else signalled what it waits for. It
 * also does if it waits on a semaphore made with a value, that others post and it does not: room.
 *
 * Built on wake.h, points into it. Pure; called from rules/ only. Not signal-safe.
 */
#ifndef REPORTER_QUEUE_H
#define REPORTER_QUEUE_H

#include "wake.h"

enum queue_dir { QUEUE_UNKNOWN, QUEUE_RECEIVES, QUEUE_HANDS_OVER };
enum queue_kind { QUEUE_MONITOR, QUEUE_SEM, QUEUE_FD, QUEUE_MQ };

struct queue_at { /* an object, as a thread uses it: the writing end of a pipe, a semaphore … */
	u32 kind; /* as role.kind; 0: unknown */
	u32 obj;
	const struct st_sync *sync;
	const struct st_fd *fd;
};

struct queue_wait { /* one blocked thread */
	const struct wake_thread *t;
	enum queue_dir dir;
	enum queue_kind kind;
	struct queue_at at;	      /* what it waits for */
	struct queue_at value;	      /* where it put, or would put, what it hands over */
	const struct st_role *waited; /* its own row there, NULL unknown */
	const struct st_role *said;   /* HANDS_OVER: how it announced its value; NULL: it waits for
					 room, the value still in its hands */
};

/* False: T does not wait at a queue, or it is not known in which direction. */
bool queue_of(const struct wake *k, const struct wake_thread *t, struct queue_wait *q);
/* Do two wait in the same way at the same place? One started where the other was. */
bool queue_same_place(const struct wake *k, const struct queue_wait *a, const struct queue_wait *b);
/* Brings those of Q that are like the first one to the front; how many. */
typedef bool queue_same_fn(const struct wake *k, const struct queue_wait *a,
			   const struct queue_wait *b);
u32 queue_gather(const struct wake *k, struct queue_wait *q, u32 n, queue_same_fn *same);
/* A role row of somebody else that is about the other side of what a thread uses. */
bool queue_other_side(const struct wake *k, const struct queue_at *at, const struct st_role *r);

/* HANDS_OVER: somebody waits right now for such a value, or was given this one. */
bool queue_receiver_waits(const struct wake *k, const struct queue_wait *q);
bool queue_was_received(const struct wake *k, const struct queue_wait *q);
/* Has this row's thread received what Q hands over, or acknowledged it? */
bool queue_is_receiver(const struct wake *k, const struct queue_wait *q, const struct st_role *r);
/* Has this row's thread sent what Q receives? */
bool queue_is_sender(const struct wake *k, const struct queue_wait *q, const struct st_role *r);

/* "the mutex 'm' and its condition variables", "pipe 5" */
const char *say_queue(const struct wake *k, const struct queue_wait *q);

#endif
