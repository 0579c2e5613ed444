/* SPDX-License-Identifier: MIT */
/*
 * Owns: the trampoline around the program's handlers of asynchronous signals, and the translation
 * between its addresses and the program's. Flags, masks and kinds stay as the program gave them: on
 * this machine a handler gets its three arguments in any case. Doesn't watch: signals of faults
 * (SIGSEGV and the like, SIGABRT), handlers in threads that pass through. Signal-safe, a normal
 * frame for whoever unwinds or jumps through it; about 250 bytes of stack.
 */
#include "wrap/handler.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "detect/handlers.h"
#include "real/real.h"

enum { STUB = 16 /* bytes each of HANDLERS in handler_stubs.S */ };
extern const char handler_stubs[] __attribute__((visibility("hidden")));
typedef void handler_fn(int, siginfo_t *, void *);
void handler_run(int sig, siginfo_t *info, void *context, u32 slot);

/* Raised by the instruction that fails; abort() has its own ways. */
static bool is_fault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL ||
	       sig == SIGTRAP || sig == SIGSYS || sig == SIGABRT;
}

void *handler_inward(void *h)
{
	uintptr_t at = (uintptr_t)h - (uintptr_t)handler_stubs;
	const struct handler *of =
	    at < HANDLERS * STUB && at % STUB == 0 ? handler_get((u32)(at / STUB)) : NULL;

	return of && of->function ? (void *)of->function : h;
}

static void know_openers(void)
{
	handler_openers[1] = (uintptr_t)real.pthread_sigmask;
	handler_openers[2] = (uintptr_t)real.raise;
	handler_openers[3] = (uintptr_t)real.syscall;
	handler_openers[0] = (uintptr_t)real.sigprocmask;
}

void *handler_outward(int sig, void *h)
{
	struct thread *t;
	int slot;

	if (h == (void *)SIG_DFL || h == (void *)SIG_IGN || h == (void *)SIG_ERR ||
	    h == (void *)2 /* SIG_HOLD */ || sig <= 0 || sig >= NSIG || is_fault(sig) ||
	    handler_inward(h) != h)
		return h;
	t = scope_enter(); /* NULL in the child of a vfork, whose tables are its parent's */
	if (!t)
		return h;
	if (unlikely(!handler_openers[0]))
		know_openers();
	__atomic_fetch_or(&state->handlers, 1ull << (sig - 1), __ATOMIC_RELAXED);
	slot = handler_slot(t, (uintptr_t)h);
	if (unlikely(slot < 0)) {
		handlers_full();
		return h;
	}
	return (void *)(handler_stubs + slot * STUB);
}

/* What a semaphore's fast path asks first is taken away while a handler runs: it goes the long way,
 * which looks at handler_now. The uncontended paths of locks need no such thing: at its first call
 * from here their memo of contexts has no entry. */
static inline void memos_hide(struct thread *t, struct sem_memo *kept)
{
	memcpy(kept, t->sems, sizeof(t->sems));
	memset(t->sems, 0, sizeof(t->sems));
}

/* The kernel's frame lies right above ours; the program may also have found a stub by a raw system
 * call, and call it. */
static inline bool by_kernel(const void *context, uintptr_t cfa)
{
	return (uintptr_t)context - cfa < 256;
}

static inline void begin(struct handler_run *r, int sig, void *context, u32 slot, uintptr_t cfa)
{
	const stack_t *alt = &((const ucontext_t *)context)->uc_stack;
	uintptr_t lo = (uintptr_t)alt->ss_sp;

	r->outer = handler_now;
	r->context = context;
	r->cfa = cfa;
	r->alternate = !(alt->ss_flags & SS_DISABLE) && cfa - lo < alt->ss_size ? lo : 0;
	r->slot = slot;
	r->sig = sig;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	handler_now = r;
}

/* A record that no handler uses which may still run: deeper ones go without. */
static struct handler_run *free_record(struct thread *t, uintptr_t sp)
{
	size_t next;

	if (likely(!handler_now))
		return t->handlers;
	handler_current(t, sp); /* what it can't tell of stays: its record is not touched */
	next = handler_now ? (size_t)(handler_now - t->handlers) + 1 : 0;
	return next < HANDLERS_DEEP ? &t->handlers[next] : NULL;
}

__attribute__((visibility("hidden"))) void handler_run(int sig, siginfo_t *info, void *context,
						       u32 slot)
{
	handler_fn *function = (handler_fn *)handler_get(slot)->function;
	struct thread *t = scope_fast();
	struct sem_memo kept[SEMS];
	struct handler_run *r, *outer;
	int before;

	r = t && by_kernel(context, CALLER_SP()) ? free_record(t, CALLER_SP()) : NULL;
	if (unlikely(!r)) {
		function(sig, info, context);
		return;
	}
	begin(r, sig, context, slot, CALLER_SP());
	outer = r->outer;
	memos_hide(t, kept);
	before = errno;
	function(sig, info, context);
	if (likely(scope_same(t))) { /* else it has forked, and this is the child */
		if (unlikely(errno != before))
			handler_spoiled(t, r, before);
		memcpy(t->sems, kept, sizeof(kept));
	}
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	handler_now = outer;
}
