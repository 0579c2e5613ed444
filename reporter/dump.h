/* SPDX-License-Identifier: MIT */
/*
 * A process at one moment: every thread, what it holds and waits for, who holds that. Made from its
 * trace and, while it lives, from /proc; the process is not touched.
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdio.h>

#include "model.h"
#include "render.h"

struct dump_thread {
	u32 serial; /* 0: never observed, known from /proc only */
	u32 tid;
	char name[17];
	char state; /* R S D T t Z of /proc; 0 unknown */
	bool in_ring;
	const struct st_live *live;  /* NULL: nothing is known of what it does */
	const struct st_thread *row; /* NULL unknown */
};

struct dump_count { /* -1 unknown */
	const char *what, *limit_name;
	long now, peak, limit;
};

struct dump {
	struct model_process *p; /* the caller's */
	bool alive;		 /* the process exists now: pid is the one to ask /proc for */
	pid_t pid;
	u64 now; /* CLOCK_MONOTONIC ns of the moment */
	struct dump_thread *thread;
	u32 n;
	u32 *ring; /* indices into thread: each waits for what the next holds (or is) */
	u32 nring;
	struct dump_count count[3];
};

/* pid 0: from the trace alone. 0 or -ENOMEM. */
int dump_make(struct dump *d, struct model_process *p, pid_t pid);
void dump_free(struct dump *d);

/* Who has what this thread waits for: index of the first at or after `from`, or d->n. */
u32 dump_holder(const struct dump *d, u32 waiter, u32 from);
/* The rows of what a thread holds; `held` may be NULL-checked by n only. */
u32 dump_nheld(const struct dump_thread *t);
const struct frames *dump_wait_frames(const struct dump *d, const struct dump_thread *t);
const struct frames *dump_held_frames(const struct dump *d, const struct st_held *h);

void dump_text(const struct dump *d, FILE *to, const struct render_options *o);
json_t *dump_json(const struct dump *d);

#endif
