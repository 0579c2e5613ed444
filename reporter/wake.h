/* SPDX-License-Identifier: MIT */
/*
 * Who could still wake a waiter. For each living thread of a process, as it was last seen: what it
 * waits for, who could end that, and whether anybody of these is left. Two grades of "nobody is":
 *
 *	WAKE_CERTAIN  the whole process is stuck and no handler, timer or other process could help;
 *		      or it waits for a lock or an end that such a thread will never give
 *	WAKE_LIKELY   everybody who ever woke, used or was handed the object has ended or is stuck,
 *		      and somebody waits for the waiter
 *
 * All else is WAKE_FREE, whatever is unknown included: no rule may accuse by what is missing here.
 *
 * Parties are who could end a wait, by what was seen of them; a queue's rule finds its senders and
 * receivers here. Owns its arrays, points into the model. Not signal-safe.
 */
#ifndef REPORTER_WAKE_H
#define REPORTER_WAKE_H

#include "graph.h"

enum wake_grade { WAKE_FREE, WAKE_LIKELY, WAKE_CERTAIN };
enum wake_kind {
	WAKE_NOT,    /* it runs, or what it waits for is not of this process */
	WAKE_LOCK,   /* a lock, a once: whoever holds it */
	WAKE_JOIN,   /* the end of a thread */
	WAKE_OBJECT, /* semaphore, condition variable, barrier */
	WAKE_FD,     /* pipe, socket pair, eventfd: whoever has the other end */
	WAKE_MQ	     /* POSIX message queue */
};
enum party_how {
	PARTY_HOLDS,
	PARTY_JOINED,
	PARTY_WOKE, /* it has posted, signalled, written, read …: what the waiter waits for */
	PARTY_COULD /* by elimination: nobody ever did, and nobody else is left */
};
#define WAKE_GONE UINT32_MAX

struct wake_party {
	u32 waiter;	 /* index into thread */
	u32 thread;	 /* serial */
	u32 at;		 /* index into thread, WAKE_GONE: it has ended */
	u32 stack;	 /* where it did so first, or took the lock; 0 unknown */
	u64 pc;		 /* the same, where no stack was kept */
	u64 count, last; /* PARTY_WOKE */
	enum party_how how;
	bool ring; /* part of a ring that no lock closes alone */
};

struct wake_thread {
	u32 serial;
	const struct st_live *live;
	enum wake_kind kind;
	enum wake_grade stuck;
	u32 call;	  /* enum trace_call: what it is in, a lock just announced included */
	u32 flags, stack; /* of its wait */
	u64 pc, since;
	u64 addr;		    /* WAKE_LOCK, WAKE_OBJECT */
	const struct st_sync *sync; /* NULL unknown */
	const struct st_fd *fd;	    /* WAKE_FD, WAKE_MQ */
	u32 role;		    /* ROLE_*, what would end the wait: 1 to send, 2 to receive */
	u32 join;		    /* serial */
	u32 party, nparties;	    /* its range in wake.party */
	u32 ring;		    /* 0, or the number of the ring it is on */
	bool ends;		    /* it ends the process */
	bool named;	 /* others could come to what it waits for, though nobody has it now */
	bool blocked;	 /* nothing but a party could end it */
	bool waited_for; /* by somebody who is stuck himself */
	bool behind;	 /* waits, by way of others, for a ring */
};

struct wake {
	const struct model_process *p;
	struct wake_thread *thread; /* by serial */
	u32 n;
	struct wake_party *party; /* by waiter */
	u32 nparties, cap_parties;
	u32 nstuck, nfree; /* nstuck: certain or likely */
	u64 handlers;	   /* signals that could run a handler */
	bool timers;	   /* one is armed that would run code of the program */
	bool whole;	   /* every thread of the process is stuck for certain */
	bool unborn;	   /* some thread was started and not seen yet */
	bool ended;	   /* some thread has come to its end */
	u64 seen;	   /* the last moment known of it, ns */
	/* private */
	struct wake_roles *roles;
	struct wake_held *held;
	u32 nheld, cap_held;
};

/* 0 or -ENOMEM; wake_free() in any case. */
int wake_make(struct wake *k, const struct model_process *p);
void wake_free(struct wake *k);
/* NULL if it does not live. */
struct wake_thread *wake_find(const struct wake *k, u32 serial);
/* Lists the threads of ring R in order, each waiting for the next: how many, at most MAX. PARTY[i]
 * is why. */
u32 wake_ring(const struct wake *k, u32 r, u32 *list, const struct wake_party **party, u32 max);
u32 wake_rings(const struct wake *k);

/* ---- wake_wait.c: one thread's wait ---------------------------------------------------------- */
void wake_wait_of(struct wake *k, struct wake_thread *t);
int wake_parties_of(struct wake *k, u32 i);
int wake_index(struct wake *k);
void wake_index_free(struct wake *k);
/* The role rows of an object, or of a thread: *N of them, sorted. */
const struct st_role *const *wake_roles(const struct wake *k, u32 kind, u32 obj, u32 *n);
const struct st_role *const *wake_roles_by(const struct wake *k, u32 thread, u32 *n);
/* May a token, sent before the process was last seen, still be under way to this waiter? */
bool wake_in_flight(const struct wake *k, const struct wake_thread *t);
/* wake_kin.c: does anybody live, free, who may know the object: who made it, made those who woke
 * it, or is one of their kind? */
bool wake_kin_free(const struct wake *k, const struct wake_thread *t);

#endif
