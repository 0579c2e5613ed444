/* SPDX-License-Identifier: MIT */
/*
 * Owns: how the tool's own locks spin, yield and give up. See lock.h. Signal-safe.
 */
#include "base/lock.h"

enum { SPINS = 200, YIELDS = 20000 };

struct lock_guard lock_acquire(unsigned *word)
{
	struct lock_guard g = {.word = word};

	sys_block_signals(&g.mask);
	for (int i = 0;; i++) {
		unsigned none = 0;

		if (__atomic_compare_exchange_n(word, &none, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return g;
		if (i < SPINS)
			__builtin_ia32_pause();
		else if (i < YIELDS)
			sys_call(SYS_sched_yield, 0, 0, 0, 0);
		else
			return g; /* its holder is gone: take it over */
	}
}

void lock_release(struct lock_guard *g)
{
	__atomic_store_n(g->word, 0, __ATOMIC_RELEASE);
	sys_restore_signals(&g->mask);
}
