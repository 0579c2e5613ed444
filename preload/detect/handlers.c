/* SPDX-License-Identifier: MIT */
/*
 * Owns: what is said of signal handlers: calls that are not async-signal-safe, and errno left
 * changed. Whether a handler runs at all is proven by a walk that meets its frame; whether it came
 * asynchronously is read from what the kernel saved of the interrupted thread. Called in handlers:
 * signal-safe, keeps errno, about 300 bytes of stack beside the walker's.
 */
#include "detect/handlers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#include "base/sys.h"
#include "base/unwind.h"
#include "state/held.h"
#include "state/stacks.h"
#include "trace/event.h"

/* ---- which calls
 * -------------------------------------------------------------------------------------------------
 */

enum library { LOCK, THREAD, EXIT, PROCESS, HEAP, NAMES, STDIO };
static const struct unsafe {
	const char *const *names; /* up to NULL */
	enum library library;
} unsafe[] = {
#define UNSAFE(library, ...) {(const char *const[]){__VA_ARGS__, NULL}, library},
#include "handler_calls.def"
#undef UNSAFE
};

/* The name as the table has it, so that it can be told by its address; NULL: it is safe. */
static const char *find(const char *name, enum library *library)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		for (const char *const *n = unsafe[i].names; *n; n++)
			if (strcmp(*n, name) == 0) {
				*library = unsafe[i].library;
				return *n;
			}
	return NULL;
}

/* ---- how the signal came
 * --------------------------------------------------------------------------------------------- */

uintptr_t handler_openers[HANDLER_OPENERS];

static bool opens_mask(uintptr_t pc)
{
	uintptr_t begin, size;

	if (!unwind_function(pc, &begin, &size))
		return false;
	for (int i = 0; i < HANDLER_OPENERS; i++)
		if (begin == handler_openers[i])
			return true;
	return false;
}

/* 0, or minus a group's number, in 32 bits: what kill() takes for several processes. */
static bool is_group(greg_t a)
{
	return (int)a <= 0 && (a == (int)a || a == (greg_t)(u32)a);
}

/* Interrupted at the end of a system call by which the thread itself raised this signal, or opened
 * its mask? The call's arguments are still where they were (the kernel changes rax, rcx and r11
 * only). */
#if defined(__x86_64__)
static bool raised_here(const struct thread *t, const struct handler_run *r)
{
	const greg_t *g = ((const ucontext_t *)r->context)->uc_mcontext.gregs;
	const unsigned char *pc = (const unsigned char *)g[REG_RIP];
	greg_t a = g[REG_RDI], b = g[REG_RSI], c = g[REG_RDX];

	if (g[REG_RAX] != 0 || ((uintptr_t)pc & 4095) < 2 || pc[-2] != 0x0f || pc[-1] != 0x05)
		return false;
	if (b == r->sig && (a == (greg_t)state->pid || a == (greg_t)t->tid || is_group(a)))
		return true; /* kill, tkill, rt_sigqueueinfo */
	if (c == r->sig && (int)a == (int)state->pid && (int)b == (int)t->tid)
		return true; /* tgkill, rt_tgsigqueueinfo */
	/* rt_sigprocmask, with which raise() ended in older libcs */
	return g[REG_R10] == 8 && ((int)a == SIG_UNBLOCK || (int)a == SIG_SETMASK) &&
	       opens_mask((uintptr_t)pc);
}
#else
#error "port: the number of the system call is kept in x8 there, its first argument is not"
#endif

/* An address on the stack of the handler's own frames? */
static bool of_handler(const struct thread *t, const struct handler_run *r, uintptr_t sp)
{
	return sp < r->cfa && sp >= (r->alternate ? r->alternate : t->stack_lo);
}

/* The call that the interrupted code was in. Not one that it had left by a jump before. */
static u32 interrupted_call(const struct thread *t, const struct handler_run *r)
{
	const ucontext_t *u = r->context;
	const struct st_live *l = t->live;
	uintptr_t sp = (uintptr_t)u->uc_mcontext.gregs[REG_RSP];

	if (l->wait_call == CALL_none || of_handler(t, r, l->wait_sp))
		return CALL_none;
	if (sp >= l->wait_sp && sp < t->stack_hi && l->wait_sp >= t->stack_lo)
		return CALL_none;
	return l->wait_call;
}

static bool inside_stdio(u32 call)
{
	return call == CALL_flockfile || (call >= CALL_fread && call <= CALL_popen);
}

/* The thread chose this moment: it raised the signal itself, by a call or by writing to a pipe
 * nobody reads, or let it in only while it waited for it. */
static bool is_synchronous(const struct thread *t, const struct handler_run *r)
{
	const ucontext_t *u = r->context;
	u32 call = interrupted_call(t, r);

	if (sigismember(&u->uc_sigmask, r->sig) == 1 || call == CALL_sigsuspend)
		return true;
	if ((r->sig == SIGPIPE || r->sig == SIGXFSZ) && !inside_stdio(call))
		return true;
	return raised_here(t, r);
}

/* ---- what was interrupted
 * -------------------------------------------------------------------------------------------- */

struct found {
	const char *detail; /* "held": the lock itself; "inside": the same library; "pause"; NULL */
	const char *outer;  /* the call that was interrupted, or NULL */
	u32 stack;
	u32 interrupted; /* where; "held": where the lock was taken */
};

static void look_at_locks(const struct thread *t, const struct handler_run *r, u64 lock, u32 call,
			  struct found *f)
{
	struct st_live *l = t->live;
	struct st_held *h = held_find(l, lock);

	if (h && !of_handler(t, r, h->sp)) {
		f->detail = "held";
		f->interrupted = h->stack ? h->stack : f->interrupted;
	} else if (l->acquiring && l->nheld < HELD_MAX && l->held[l->nheld].addr == lock) {
		f->detail = "inside";
	} else if (call != CALL_none && call != CALL_join &&
		   (l->wait_addr == lock || l->wait_with_addr == lock)) {
		f->detail = "inside";
	}
}

/* glibc's _IO_lock_t */
struct stream_lock {
	int lock, count;
	void *owner;
};
static bool owns(const FILE *f)
{
	const struct stream_lock *l = f ? (const void *)f->_lock : NULL;

	return l && l->owner == (void *)__builtin_thread_pointer();
}

static void look_at_streams(const FILE *f, u32 call, struct found *found)
{
	if (inside_stdio(call) || owns(f) || owns(stdout) || owns(stderr) || owns(stdin))
		found->detail = "inside";
}

static void look(const struct thread *t, const struct handler_run *r, enum library library,
		 u64 object, struct found *f)
{
	u32 call = interrupted_call(t, r);

	if (call != CALL_none)
		f->outer = call_name(call);
	if (library == LOCK)
		look_at_locks(t, r, object, call, f);
	else if (library == STDIO || library == EXIT)
		look_at_streams(library == STDIO ? (const FILE *)(uintptr_t)object : NULL, call, f);
	else if (library == NAMES && call >= CALL_getaddrinfo && call <= CALL_getnameinfo)
		f->detail = "inside";
	else if (library == PROCESS && call == CALL_system)
		f->detail = "inside";
	if (!f->detail && call == CALL_pause)
		f->detail = "pause";
}

/* ---- saying it
 * ---------------------------------------------------------------------------------------------------
 */

/* What a call interrupted the first time stands for all that are like it. A slot lost to another
 * call costs a repetition. */
enum { KNOWN = 128 };
static struct known {
	u64 key;
	u32 interrupted, pid;
} known[KNOWN];

static u32 first_interrupted(const struct handler_run *r, const char *name, const struct found *f)
{
	u64 key = ((u64)f->stack << 32 | r->slot) ^ (uintptr_t)name << 8 ^ (uintptr_t)f->detail;
	struct known *k = &known[(key ^ key >> 32) % KNOWN];

	if (__atomic_load_n(&k->key, __ATOMIC_ACQUIRE) != key || k->pid != state->pid) {
		k->interrupted = f->interrupted;
		k->pid = state->pid;
		__atomic_store_n(&k->key, key, __ATOMIC_RELEASE);
	}
	return k->interrupted;
}

static void say(const struct thread *t, const struct handler_run *r, const char *name, u64 object,
		const struct found *f)
{
	const struct handler *h = handler_get(r->slot);
	u32 interrupted = first_interrupted(r, name, f);
	struct event_misuse e = {.kind = "unsafe-call-in-signal-handler",
				 .call = name,
				 .detail = f->detail,
				 .other_call = f->outer,
				 .addr = object,
				 .fd = -1,
				 .stack = f->stack,
				 .other = t->serial,
				 .other_stack = interrupted,
				 .third = h->thread,
				 .third_stack = h->stack,
				 .sig = (u32)r->sig,
				 .handler = h->function};

	event_misuse(t->serial, &e);
}

/* The innermost handler that came asynchronously and whose frame is met; f->stack is what it does,
 * f->interrupted what it interrupted. Handlers whose frame is gone are forgotten. */
static struct handler_run *asynchronous(struct thread *t, uintptr_t sp, struct found *f)
{
	struct handler_run *r = handler_current(t, sp);

	while (r) {
		int met = stack_split(t, r->cfa - sizeof(uintptr_t), &f->stack, &f->interrupted);

		if (met < 0)
			return NULL;
		if (met == 0)
			handler_forget(t, r);
		else if (!is_synchronous(t, r))
			return r;
		r = handler_outer(t, r);
	}
	return NULL;
}

COLD void handler_calls(const char *name, u64 object)
{
	struct thread *t = scope_fast();
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	struct found f = {0};
	enum library library;
	struct handler_run *r;

	if (!t || !handler_current(t, sp) || !(name = find(name, &library)))
		return;
	r = asynchronous(t, sp, &f);
	if (r) {
		look(t, r, library, object, &f);
		say(t, r, name, library == LOCK ? object : 0, &f);
	}
	if (library == EXIT)
		handler_now = NULL; /* what comes now comes of it */
}

COLD void handler_spoiled(struct thread *t, struct handler_run *r, int before)
{
	const struct handler *h = handler_get(r->slot);
	struct found f = {0};
	int after = errno;
	struct event_misuse e = {.kind = "errno-spoiled",
				 .addr = (u64)before,
				 .addr2 = (u64)after,
				 .fd = -1,
				 .stack = h->stack,
				 .other = t->serial,
				 .third = h->thread,
				 .third_stack = h->stack,
				 .sig = (u32)r->sig,
				 .handler = h->function};

	if (is_synchronous(t, r))
		return;
	if (stack_split(t, r->cfa - sizeof(uintptr_t), &f.stack, &f.interrupted) > 0)
		e.other_stack = first_interrupted(r, e.kind, &f);
	event_misuse(t->serial, &e);
	errno = after;
}

COLD void handlers_full(void)
{
	static u32 said;

	if (state && !__atomic_exchange_n(&said, 1, __ATOMIC_RELAXED))
		event_blind("unsafe-call-in-signal-handler",
			    "more handler functions than are kept: further ones are not watched");
}
