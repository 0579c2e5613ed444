/* SPDX-License-Identifier: MIT */
/*
 * The stack walker: return addresses of the calling thread, from the .eh_frame tables.
 * Owns: the process-wide cache from program counter to frame rule. Doesn't: symbols, storing
 * stacks. Called from everywhere, at moments that matter (births, first sights, before blocking),
 * never on an uncontended path. Async-signal-safe, lock-free, reentrant, below 1 KiB of stack,
 * never faults.
 *
 * What keeps it from faulting: every read of the stack is in a range the caller vouches for, or in
 * a page that was just probed (rt_sigprocmask with an invalid `how` reads 8 bytes and reports
 * EFAULT; no sandbox forbids it). Unwind tables are read only of the module that a return address
 * found on this very stack lies in; it can't be unloaded while the program will return into it.
 */
#ifndef PITFALL_BASE_UNWIND_H
#define PITFALL_BASE_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

struct unwind_frame {
	uintptr_t pc; /* return address: look up pc - 1; but where the frame before (inner) is a
		       * signal trampoline, it is the interrupted instruction: look up pc */
	uintptr_t
	    slot; /* stack address where that pc is stored: tells two visits of one frame apart */
};

/*
 * Walks the calling thread's stack outward from the caller; omits leading frames inside our own
 * module (not when it is the main program, in unit tests); stores at most max frames, innermost
 * first. Ends at the thread's start, or where nothing reliable can be said. Returns the number of
 * frames, 0 if max <= 0.
 */
int unwind_stack(struct unwind_frame *out, int max);

/*
 * The same where the caller knows the bounds [lo, hi) of a stack: memory there is read without
 * probing as long as the walk is inside; other stacks (sigaltstack, coroutines) are probed page by
 * page. All of [current sp, hi) must be readable if the current sp lies in [lo, hi).
 */
int unwind_stack_in(struct unwind_frame *out, int max, uintptr_t lo, uintptr_t hi);

/* The function a return address lies in, by the unwind tables of its module; false where none says.
 * 50–100 ns. */
bool unwind_function(uintptr_t pc, uintptr_t *begin, uintptr_t *size);

/* Counters for coverage: rules computed (cache misses), and walks that ended neither at a stack's
 * start nor at max. */
struct unwind_stats {
	uint64_t misses, cut_short;
};
void unwind_stats_read(struct unwind_stats *out);

#endif
