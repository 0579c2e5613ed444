/* SPDX-License-Identifier: MIT */
/*
 * Owns: calls that give memory back, only to end the generations of the objects in it (law 7):
 * locks die without a destroy. malloc and calloc are left alone.
 *
 * While no object that we know lives in such memory, free() costs one test. Otherwise the pages
 * under the block are looked up in a filter; how large the block is stands before it (glibc's
 * allocator), or is asked of the allocator (any other) where the filter has a bit at all. These
 * calls come before our start, after our end, from the loader and from libc: nothing here assumes
 * that the tool is up.
 */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/modules.h"
#include "detect/lives.h"
#include "real/real.h"
#include "state/sync.h"
#include "state/thread.h"

enum { PAGE = 4096, HEADER = 16, ALLOC_UNKNOWN = 0, ALLOC_GLIBC, ALLOC_FOREIGN };

static unsigned allocator;
static size_t (*usable_size)(void *);

static COLD void allocator_look(void)
{
	const struct module *m = module_find((uintptr_t)REAL(free)),
			    *libc = module_find((uintptr_t)real_find("gnu_get_libc_version", ""));
	void *usable = real_find("malloc_usable_size", "");

	/* Of another allocator than free()'s it would read what isn't there. */
	if (usable && m && m == module_find((uintptr_t)usable))
		usable_size = usable;
	__atomic_store_n(&allocator, m && m == libc ? ALLOC_GLIBC : ALLOC_FOREIGN,
			 __ATOMIC_RELEASE);
}

static inline bool pages_may_hold(uintptr_t first, uintptr_t last)
{
	for (; first >> 12 <= last >> 12; first += PAGE)
		if (page_may_hold(first))
			return true;
	return false;
}

static COLD bool large_may_hold(uintptr_t first, uintptr_t last)
{
	return last - first >= 64 * PAGE || pages_may_hold(first, last);
}

/* May an object that we know lie in this block? Reads the word before it, as free() itself is about
 * to. */
static inline bool may_hold(const void *p)
{
	uintptr_t at = (uintptr_t)p, last;

	if (unlikely(!(at & (PAGE - 1)) || allocator != ALLOC_GLIBC))
		return p != NULL; /* NULL, or not glibc's: its blocks never begin with a page */
	last = at - HEADER + (((const size_t *)p)[-1] & ~(size_t)7) - 1;
	if (unlikely(last - at >= PAGE))
		return large_may_hold(at, last);
	return page_may_hold(at) || page_may_hold(last);
}

/* An observed process, in whose tables this thread may write. `t` may come out NULL: a thread that
 * has ended for us still frees. */
static bool tables_are_ours(struct thread **t)
{
	*t = scope_enter();
	return *t || (state && arena_ours() && !(thread_self && thread_self->vforked));
}

static size_t size_of(void *p)
{
	return usable_size ? usable_size(p) : 1;
}

static COLD void objects_gone(void *p, size_t size)
{
	int e = errno;
	struct thread *t;

	if (tables_are_ours(&t)) {
		struct lives_range r = {(uintptr_t)p, size, "free", true, true};

		if (t)
			lives_memory_going(t, &r);
		sync_memory_gone(t, (uintptr_t)p, size);
	}
	errno = e;
}

/* Its page has an object: a closer look. */
static __attribute__((noinline)) void block_gone(void *p)
{
	size_t size;

	if (unlikely(allocator == ALLOC_UNKNOWN))
		allocator_look();
	size = size_of(p);
	if (size > PAGE || lines_may_hold((uintptr_t)p, size))
		objects_gone(p, size);
}

EXPORT void free(void *p)
{
	if (unlikely(sync_on_heap) && may_hold(p))
		block_gone(p);
	REAL(free)(p);
}

/* ---- blocks that may move
 * -----------------------------------------------------------------------------------------------------
 */

struct move {
	struct thread *t;
	uintptr_t at;
	size_t size;
	u32 newest;
	bool watch;
};

static void move_begin(struct move *m, void *p)
{
	m->watch = unlikely(sync_on_heap) && p && may_hold(p);
	if (!m->watch)
		return;
	if (allocator == ALLOC_UNKNOWN)
		allocator_look();
	m->watch = tables_are_ours(&m->t);
	m->at = (uintptr_t)p;
	m->size = size_of(p);
	m->newest = sync_newest();
}

/* It is now at `to`, `kept` bytes long; NULL: given back. */
static void move_end(const struct move *m, const void *to, size_t kept)
{
	int e = errno;

	if ((uintptr_t)to != m->at)
		sync_memory_gone_before(m->t, m->at, m->size, m->newest);
	else if (kept < m->size)
		sync_memory_gone_before(m->t, m->at + kept, m->size - kept, m->newest);
	errno = e;
}

EXPORT void *realloc(void *p, size_t size)
{
	struct move m;
	void *to;

	move_begin(&m, p);
	to = REAL(realloc)(p, size);
	if (unlikely(m.watch) && (to || !size))
		move_end(&m, to, to ? size_of(to) : 0);
	return to;
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	struct move m;
	void *to;

	move_begin(&m, p);
	to = REAL(reallocarray)(p, n, size);
	if (unlikely(m.watch) && (to || !n || !size))
		move_end(&m, to, to ? size_of(to) : 0);
	return to;
}

/* ---- mappings
 * ------------------------------------------------------------------------------------------------------------------
 */

/* What the program shares with others, or may no longer read, is judged by our books alone. */
static void unmapping(void *at, size_t size)
{
	struct lives_range r = {(uintptr_t)at, size, "munmap", false, true};
	int e = errno;
	struct thread *t;

	if (state && state->table[TABLE_sync].used > 1 && tables_are_ours(&t) && t)
		lives_memory_going(t, &r);
	errno = e;
}

EXPORT int munmap(void *at, size_t size)
{
	u32 newest = sync_newest();
	struct thread *t;
	int rc;

	unmapping(at, size);
	rc = REAL(munmap)(at, size);
	if (rc == 0 && state && state->table[TABLE_sync].used > 1 && tables_are_ours(&t))
		sync_memory_gone_before(t, (uintptr_t)at, size, newest);
	return rc;
}

EXPORT void *mremap(void *at, size_t size, size_t wanted, int flags, ...)
{
	struct move m = {.at = (uintptr_t)at, .size = size, .newest = sync_newest()};
	void *to, *where;
	va_list ap;

	va_start(ap, flags);
	where = flags & MREMAP_FIXED ? va_arg(ap, void *) : NULL;
	va_end(ap);
	to = REAL(mremap)(at, size, wanted, flags, where);
	if (to != MAP_FAILED && size && state && state->table[TABLE_sync].used > 1 &&
	    tables_are_ours(&m.t))
		move_end(&m, to, wanted);
	return to;
}

/* ---- C++: only allocators that bring their own forms don't come to free() with them
 * --------------------------------------------- */

static inline void deleted(void *p)
{
	if (unlikely(sync_on_heap) && allocator != ALLOC_GLIBC && p)
		block_gone(p);
}

#define DELETE(name, params, args)                                                                 \
	EXPORT void name params                                                                    \
	{                                                                                          \
		deleted(p);                                                                        \
		REAL(name) args;                                                                   \
	}

DELETE(_ZdlPv, (void *p), (p))
DELETE(_ZdaPv, (void *p), (p))
DELETE(_ZdlPvm, (void *p, size_t n), (p, n))
DELETE(_ZdaPvm, (void *p, size_t n), (p, n))
DELETE(_ZdlPvRKSt9nothrow_t, (void *p, const void *tag), (p, tag))
DELETE(_ZdaPvRKSt9nothrow_t, (void *p, const void *tag), (p, tag))
DELETE(_ZdlPvSt11align_val_t, (void *p, size_t align), (p, align))
DELETE(_ZdaPvSt11align_val_t, (void *p, size_t align), (p, align))
DELETE(_ZdlPvmSt11align_val_t, (void *p, size_t n, size_t align), (p, n, align))
DELETE(_ZdaPvmSt11align_val_t, (void *p, size_t n, size_t align), (p, n, align))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *p, size_t align, const void *tag),
       (p, align, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *p, size_t align, const void *tag),
       (p, align, tag))
