/* SPDX-License-Identifier: MIT */
/*
 * Threads: the private record behind every wrapper (struct thread), and the rows `thread` and
 * `live` of the state.
 *
 * struct thread lies in memory that a fork wipes: `live` is NULL there, in threads that pass
 * through (asynchronous cancellation, a vfork child, after the last TSD destructor) and nowhere
 * else. One test of `live` is the scope of the uncontended path.
 */
#ifndef STATE_THREAD_H
#define STATE_THREAD_H

#include "base/common.h"
#include "base/unwind.h"
#include "state/arena.h"

#define CONTEXTS     64 /* powers of two */
#define EDGES	     64
#define WATCHES	     8
#define SEMS	     8
#define CONDS	     4
#define UNSAFE_MEMOS 8
#define STACK_MAX    64

/* A call context whose stack is known: the same (pc, sp) with the same return address one frame
 * further out is the same stack. */
struct context {
	uintptr_t pc, sp;
	uintptr_t next; /* the next return address … */
	i32 slot;	/* … lies at sp + slot; -8: there is none, the call's own is looked at */
	u32 stack;
};
/* An edge `from → to` that is already in the graph, while neither end's generation has moved, the
 * same other locks are held, and the thread has released nothing since (state/order.c). */
struct edge_memo {
	uintptr_t from, to;
	u32 generation, gates;
};

/* A semaphore whose use by this thread is in the role table already: its address, mixed with the
 * number of semaphores that had died then. */
struct sem_memo {
	u64 waits, posts;
};
/* A condition variable whose use by this thread is in the role table already: for signals that
 * nobody hears, which programs make all the time. */
struct cond_memo {
	uintptr_t addr;
	u32 row, generation;
};
/* Uses of one of libc's shared objects that were looked at already, while the thread has met nobody
 * and the object's record stands: state/unsafe.h. */
struct unsafe_memo {
	const void *buffer;
	u64 stamp;
	u64 seen; /* a bit for each place and set of locks; two may have the same */
	u32 version;
};
/* A vector clock: for each slot the last epoch known, 0 none. In private memory. */
struct order_clock {
	u64 *at;
	u32 n, room;
};
/* state/order.c: a thread's part in the order of what happened. */
struct thread_order {
	struct order_clock clock;
	struct order_clock maybe; /* what may have come before it besides, by something not seen */
	u64 epoch;
	u64 changes;	 /* counts what it came to know, and its epochs */
	u64 may_acquire; /* hashed keys */
	u32 slot;
	bool released; /* since it last stamped something or learned something */
	bool memos;    /* edges[] is not empty */
	bool opaque;
	struct order_seen {
		u64 key, version;
		void *at; /* where the object's clock was found: a hint */
	} seen[8];
};
struct once_call; /* wrap/once.c */

/* A signal handler of the program that runs (state/handlers.h). Kept here, not on its stack: it may
 * be left by a jump. */
#define HANDLERS_DEEP 4
struct handler_run {
	struct handler_run *outer;
	void *context;	     /* the kernel's ucontext_t: good while the frame at cfa is there */
	uintptr_t cfa;	     /* of the frame that called it: the kernel's lies right above */
	uintptr_t alternate; /* least address of the alternate stack it runs on, 0: the thread's */
	u32 slot;
	int sig;
};

struct thread {
	struct st_live *live;	   /* NULL: pass through */
	struct st_live *live_kept; /* the row while passing through */
	struct st_thread *row;
	u32 serial, row_index, live_index, tid;
	uintptr_t stack_lo, stack_hi;
	uintptr_t frame_watch; /* least slot watched; UINTPTR_MAX none */
	uintptr_t watch_lost;  /* least slot that watches[] had no room for: the timer table knows
				  the rest */
	struct frame_watch {
		uintptr_t slot;
		u32 timer;
		u32 pad;
	} watches[WATCHES];
	struct armed { /* the one-shot timer it armed last, while it is not known what for */
		u32 timer, acts;
		u32 last; /* and the last of all */
	} armed;
	u32 in_library; /* depth of calls into libc that open descriptors of their own (getaddrinfo
			   …) */
	u32 walks;	/* stack walks on the lock path, bounded */
	bool destroyed; /* last TSD round is over */
	u8 destructor_rounds;
	u8 vforked;	   /* depth: a child of vfork runs on this record */
	struct bad_close { /* detect/bad_fd.c: closes of what is not open, held back until it is
			      clear that they are no sweep: neighbouring numbers, one call site */
		int last, step;
		uintptr_t pc;
		u32 run, n;
		bool others; /* the run also met numbers that were open, or never seen */
		struct {
			int fd;
			u32 stack, other, other_stack, third, third_stack, fd_kind;
		} pending[2];
	} bad_close;
	u32 timers_made;
	u32 left_call, left_stack; /* the call it was in when it left its last function, if any */
	u64 left_pc;
	bool returned; /* from its start routine: neither cancelled nor by pthread_exit */
	u32 waits;     /* waits registered so far */
	u32 serving;   /* descriptor of a peer it accepted or received from last + 1, 0 none */
	struct spin {  /* detect/spin.h: the run of idle calls under way */
		u32 calls, waits, row;
		bool kept; /* row is this run's */
		u64 addr, start, cpu;
	} spin;
	struct once_call *once; /* innermost once this thread found not done */
	struct cond_memo conds[CONDS];
	struct sem_memo sems[SEMS];
	struct {
		u32 waits, posts; /* serials of what the memo speaks of; not written by handlers */
	} sem_serials[SEMS];
	struct handler_run handlers[HANDLERS_DEEP];
	struct unsafe_memo unsafe[UNSAFE_MEMOS];
	bool scratch_busy; /* a handler that interrupts a walk gets a short one */
	struct unwind_frame scratch[STACK_MAX];
	struct context contexts[CONTEXTS];
	struct edge_memo edges[EDGES];
	struct thread_order order;
};

/* The calling thread, or NULL before its adoption and after its end. */
extern __thread struct thread *thread_self TLS_IE;
/* The same, for after a call in a function that has asked before it: not kept from there, which
 * would cost a register to be saved. */
static inline struct thread *thread_self_again(void)
{
#if defined(__x86_64__)
	struct thread *t;

	__asm__ volatile("movq thread_self@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0"
			 : "=r"(t)
			 :
			 : "memory");
	return t;
#else
	return thread_self;
#endif
}
/* It has ended for us (its record is gone); what TLS destructors still do passes through. */
extern __thread bool thread_gone TLS_IE;

/* The calling thread if it is to be observed, else NULL: pass through. Adopts threads not seen
 * born, brings the tool up, notices forks that nobody announced. Signal-safe. The second form does
 * none of this: for the uncontended path. */
static inline struct thread *scope_fast(void)
{
	struct thread *t = thread_self;

	return likely(t && t->live) ? t : NULL;
}
/* After a call that blocked: is this still the thread that made it? Not in the child of a fork made
 * by a handler meanwhile. */
static inline bool scope_same(const struct thread *t)
{
	return likely(t == thread_self && t->live);
}
/* In init.c: the only place that knows how the tool comes up. */
struct thread *scope_enter_slow(void);
static inline struct thread *scope_enter(void)
{
	struct thread *t = scope_fast();

	return likely(t != NULL) ? t : scope_enter_slow();
}

/* A record for a thread about to be started by `parent` (NULL: one that is found running). Not yet
 * alive. NULL: tables full. */
struct thread *thread_new(struct thread *parent, u32 stack, u32 flags);
/* Its pthread_t is known. The row must still be of that serial: it may have ended and been given
 * back. */
void thread_bind(u32 row, u32 serial, u64 pthread);
/* The start failed: as if it had never been. */
void thread_discard(struct thread *t);
/* No thread but the first one was started, or all were joined: what this one does is ordered before
 * and after all that others do. */
bool thread_alone(void);
/* When the first thread beside main was started, coarse; 0: none was. */
u64 thread_first_started(void);
/* t has joined the thread of this row. */
void thread_joined(struct thread *t, const struct st_thread *row);
/* By the thread itself, first thing: makes it the calling thread. */
void thread_begin(struct thread *t);
/* By the thread itself, last thing. Its row stays while somebody may still join it. */
void thread_end(struct thread *t);
/* Joined, or ended and detached: the row is given back after its birth site has counted it. */
void thread_reap(u32 row);
/* The row of a joinable or running thread by pthread_t, 0 if not known. */
u32 thread_find(u64 pthread);
u32 thread_find_serial(u32 serial);
/* The live row of a thread by kernel tid, or NULL. Slow path: walks the live table. */
struct st_live *live_find_tid(u32 tid);
/* After a fork: only the calling thread, `pthread`, goes on. Its new record has the stack bounds of
 * the old row. */
struct thread *thread_fork_child(u64 pthread);
/* Stop and resume observing the calling thread (asynchronous cancellation, vfork). */
void thread_pause(struct thread *t);
void thread_resume(struct thread *t);
/* Calls fn for every live row in use until it returns true. */
bool live_each(bool (*fn)(struct st_live *l, void *arg), void *arg);
/* A thread that waits in this call on this object, or NULL. */
struct st_live *live_waiting(u32 call, u64 addr);

/* ---- waits: what the thread is blocked in, readable from outside. Nested calls (signal handlers)
 * keep the outer one. ---- */
struct wait_outer {
	struct {
		u32 call, flags;
		u64 addr;
		u32 obj;
		i32 fd;
		u32 stack, with;
		u64 pc, sp, since, with_addr;
	} w;
	bool nested;
};
struct wait {
	u32 call;  /* enum trace_call */
	u32 flags; /* WF_* */
	u64 addr;
	u32 obj;
	i32 fd;
	u32 stack, with;
	u64 with_addr;
};
/* `since`: clock_now(), clock_coarse(), or 0 where no clock may be read. */
void wait_begin(struct thread *t, struct wait_outer *o, const struct wait *w, uintptr_t pc,
		uintptr_t sp, u64 since);
void wait_end(struct thread *t, struct wait_outer *o);
/* The same where no clock, stack or object can be afforded, by four blind stores; only with
 * wait_call == CALL_none: then all other fields of the record are blank. */
static inline void wait_bare(struct st_live *l, u32 call, u64 addr, uintptr_t pc, uintptr_t sp)
{
	l->wait_addr = addr;
	l->wait_pc = pc;
	l->wait_sp = sp;
	__atomic_store_n(&l->wait_call, call, __ATOMIC_RELEASE);
}
static inline void wait_bare_end(struct thread *t)
{
	if (likely(t && t->live))
		__atomic_store_n(&t->live->wait_call, CALL_none, __ATOMIC_RELEASE);
}
/* A wait whose frame is gone (cancellation, longjmp) is cleared. Called where it matters that the
 * record is true. Returns the call that was left, or CALL_none. */
u32 wait_left(struct thread *t, uintptr_t sp);

/* ---- frames returned: did the call that made a timer return? `slot` is where that call's own
 * return address lies (frame 1 of its stack): a later call at a higher stack address proves the
 * return. ---- */
void frame_watch_add(struct thread *t, uintptr_t slot, u32 timer);
/* The next calls that can block are all looked at, for what `timer` was armed for; 0: no more. */
void frame_watch_all(struct thread *t, u32 timer);
/* Marks the timers (MF_RETURNED) of watched frames below `sp`. */
void frame_watch_check_slow(struct thread *t, uintptr_t sp);
#endif
