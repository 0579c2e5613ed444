/* SPDX-License-Identifier: MIT */
/* Stacks to walk: recursion in frames of all kinds, and stacks made by hand. */
#ifndef PITFALL_TESTS_FRAMES_H
#define PITFALL_TESTS_FRAMES_H

#include <alloca.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <cmocka.h>

#include "base/unwind.h"

#define NOT_A_TAIL_CALL __asm__ volatile("" ::: "memory")
#define NOINLINE	__attribute__((noinline, noclone))

/* ------------------------------------------------------------------ shapes of frames */

typedef void callback(void *);

#define RECURSION(name, options)                                                                   \
	NOINLINE __attribute__((unused, optimize(options))) static int name(int depth,             \
									    callback *f)           \
	{                                                                                          \
		int r = 1;                                                                         \
		if (depth)                                                                         \
			r += name(depth - 1, f);                                                   \
		else                                                                               \
			f(NULL);                                                                   \
		NOT_A_TAIL_CALL;                                                                   \
		return r;                                                                          \
	}
RECURSION(recurse_o0, "O0")
RECURSION(recurse_o2, "O2,omit-frame-pointer")
RECURSION(recurse_fp, "O2,no-omit-frame-pointer")

NOINLINE __attribute__((unused)) static int recurse_alloca(int depth, callback *f)
{
	volatile char *room = alloca(16 + depth * 24);

	room[0] = 1;
	if (depth)
		return recurse_alloca(depth - 1, f) + room[0];
	f(NULL);
	return room[0];
}

/* A stack realigned to 64 bytes: CFA and saved rbp are expressions. */
NOINLINE __attribute__((unused)) static int recurse_aligned(int depth, callback *f)
{
	volatile char room[64] __attribute__((aligned(64)));
	volatile char *more = alloca(depth + 8);

	room[0] = 1;
	more[0] = 1;
	if (depth)
		return recurse_aligned(depth - 1, f) + room[0] * more[0];
	f(NULL);
	return room[0];
}

/* ------------------------------------------------------------------ walks */

#define FRAMES_MAX 512
static struct unwind_frame kept[FRAMES_MAX];
static int kept_n;

static __attribute__((unused)) void keep_stack(void *unused)
{
	(void)unused;
	kept_n = unwind_stack(kept, FRAMES_MAX);
	NOT_A_TAIL_CALL;
}

/* ------------------------------------------------------------------ other stacks */

static ucontext_t main_context, coroutine_context;

/* A stack nobody knows the bounds of, with nothing readable on either side. */
static __attribute__((unused)) char *island_map(size_t size)
{
	char *p = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(mprotect(p + 4096, size, PROT_READ | PROT_WRITE), 0);
	return p + 4096;
}

static __attribute__((unused)) void coroutine_run(void (*f)(void), char *stack, size_t size)
{
	getcontext(&coroutine_context);
	coroutine_context.uc_stack.ss_sp = stack;
	coroutine_context.uc_stack.ss_size = size;
	coroutine_context.uc_link = &main_context;
	makecontext(&coroutine_context, f, 0);
	swapcontext(&main_context, &coroutine_context);
}

#endif
