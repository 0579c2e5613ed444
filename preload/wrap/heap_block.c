/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading the sizes that glibc's malloc keeps before its blocks (malloc.c: size and three
 * flag bits below it; the next block says by a bit of its own whether this one is in use). Whatever
 * does not fit together is taken for no block. Doesn't: call the allocator. Called at births of
 * threads.
 */
#include "wrap/heap_block.h"

#include <errno.h>

#include "base/modules.h"
#include "base/sys.h"
#include "real/real.h"

enum {
	IN_USE_BEFORE = 1,
	MAPPED = 2,
	OF_ARENA = 4,
	FLAGS = 7,
	HEADER = 16,

	PAGE = 4096
};
#define ARENA_MAX (64ul << 20) /* HEAP_MAX_SIZE: arenas beside the first lie at multiples of it */

static bool readable(uintptr_t at)
{
	return at >= PAGE && !(at & 7) && sys_call(SYS_rt_sigprocmask, -1, at, 0, 8) != -EFAULT;
}

static bool is_glibc(void)
{
	static unsigned known; /* 1 no, 2 yes */
	unsigned is = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (!is) {
		const struct module *m = module_find((uintptr_t)real_find("malloc", "")),
				    *c = module_find(
					(uintptr_t)real_find("gnu_get_libc_version", ""));

		is = m && m == c ? 2 : 1;
		__atomic_store_n(&known, is, __ATOMIC_RELAXED);
	}
	return is == 2;
}

/* Above the program's own data and below its break. */
static bool in_first_arena(uintptr_t from, uintptr_t to)
{
	const struct module *m = module_get(0);
	long end = sys_call(SYS_brk, 0, 0, 0, 0);

	return m && end > 0 && from >= m->end && to > from && to < (uintptr_t)end;
}

/* An arena's descriptor: whose it is, the one before, its size. */
static bool in_arena(uintptr_t from, uintptr_t to)
{
	uintptr_t base = from & ~(ARENA_MAX - 1);

	return to > from && to - base < ARENA_MAX && from - base >= 2 * HEADER && readable(base) &&
	       readable(base + 16) && to - base < ((const u64 *)base)[2];
}

u64 heap_block_size(const void *p)
{
	uintptr_t at = (uintptr_t)p, chunk = at - HEADER, next;
	u64 size, flags;

	if (!at || at % HEADER || !readable(at - 8) || !readable(at) || module_find(at) ||
	    !is_glibc())
		return 0;
	size = ((const u64 *)at)[-1];
	flags = size & FLAGS;
	size &= ~(u64)FLAGS;
	next = chunk + size;
	if (size < 2 * HEADER || size % HEADER || size > 1ul << 46)
		return 0;
	if (flags & MAPPED)
		return chunk % PAGE || size % PAGE || !readable(next - 8) ? 0 : size - HEADER;
	if (!(flags & OF_ARENA ? in_arena(chunk, next) : in_first_arena(chunk, next)))
		return 0;
	if (!readable(next + 8) || !(((const u64 *)next)[1] & IN_USE_BEFORE))
		return 0;
	return size - HEADER / 2;
}
