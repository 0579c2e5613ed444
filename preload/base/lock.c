/* SPDX-License-Identifier: MIT */
/*
 * Owns: how the tool's own locks spin, yield, sleep and give up. See lock.h. Signal-safe.
 */
#include "base/lock.h"

#include <linux/futex.h>

static __thread unsigned depth TLS_IE; /* sections and locks the thread is in; touched with signals
					  blocked, but for the test for 0 */
static __thread uint64_t outside TLS_IE; /* the mask to go back to */

enum { SPINS = 200, YIELDS = 1000, SLEEPS = YIELDS + 2000 };

static void pause_for(int round, unsigned *word)
{
	const struct timespec ms = {0, 1000000};

	if (round < SPINS)
		__builtin_ia32_pause();
	else if (round < YIELDS)
		sys_call(SYS_sched_yield, 0, 0, 0, 0);
	else
		sys_futex(word, FUTEX_WAIT, 1, &ms); /* nobody wakes us: a sleep that ends at once
							where the word has changed */
}

void lock_section_enter(void)
{
	if (depth == 0) {
		uint64_t mask;

		sys_block_signals(&mask);
		outside = mask;
	}
	depth++;
}

void lock_section_leave(void)
{
	uint64_t mask = outside;

	if (--depth == 0)
		sys_restore_signals(&mask);
}

struct lock_guard lock_acquire(unsigned *word)
{
	lock_section_enter();
	for (int i = 0; i < SLEEPS; i++) {
		unsigned none = 0;

		if (__atomic_compare_exchange_n(word, &none, 1, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			break; /* else, at last, its holder is gone: take it over */
		pause_for(i, word);
	}
	return (struct lock_guard){.word = word};
}

void lock_release(struct lock_guard *g)
{
	__atomic_store_n(g->word, 0, __ATOMIC_RELEASE);
	lock_section_leave();
}
