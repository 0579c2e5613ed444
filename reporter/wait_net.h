/* SPDX-License-Identifier: MIT */
/*
 * Threads and what they wait for as a net, the whole of it, as the process was last seen: from what
 * its threads hold and wait for (table `live`) and from the deadlocks it told. Owns its arrays;
 * used by graph_wait.c, which chooses what is shown. Not signal-safe.
 */
#ifndef REPORTER_WAIT_NET_H
#define REPORTER_WAIT_NET_H

#include "wake.h"

#define BY_FD	  (1ull << 62) /* key of a pipe or queue: its number */
#define BY_SERIAL (1ull << 63) /* key of an object without an address */

struct waiter {				      /* a thread */
	u32 serial, call, flags, stack, join; /* join: the serial it waits for */
	i32 fd;
	u64 pc, since, key;	  /* key: what it waits for, 0 nothing that is drawn */
	u32 obj;		  /* serial of that, 0 unknown */
	bool reads, lasts, stuck; /* stuck: nobody is left who could wake it, and that matters */
};
struct hold {
	u64 addr, pc;
	u32 who, stack, mode;
};
struct object {
	u64 key;
	u32 serial, leaves; /* leaves: waiters nobody waits for */
	bool writer_waits;
	u32 crowd;  /* node of its leaves */
	bool drawn; /* their edge */
};
struct gone { /* a thread that has ended and used to wake others */
	u32 serial;
};
struct waits {
	const struct model_process *p;
	struct waiter *w; /* by serial */
	struct hold *h;	  /* by address */
	struct object *o; /* by key */
	u32 n, cap_w, nh, cap_h, no;
	struct wake wake;
	struct gone *g;
	u32 ng, cap_g;
	struct net net; /* vertex i: thread i; n + k: object k; n + no + j: thread g[j] */
	u32 *node;	/* graph_wait.c's: of each vertex, GRAPH_NONE */
	u32 *queue, nqueue;
};

/* 0 or -ENOMEM; wait_net_free() in any case. S is zero but for p. */
int wait_net_make(struct waits *s);
void wait_net_free(struct waits *s);
/* NULL if nobody waits for it. */
struct object *wait_net_object(const struct waits *s, u64 key);

#endif
