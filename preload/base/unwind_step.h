/* SPDX-License-Identifier: MIT */
/*
 * One frame outward, the thorough way, and the guarded reading of stack words that all steps use.
 * Owns no state. Called by unwind.c only. Signal-safe.
 */
#ifndef PITFALL_BASE_UNWIND_STEP_H
#define PITFALL_BASE_UNWIND_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/unwind_arch.h"

/*
 * Words from lo to last are readable, last included; empty: lo > last. A walk's sp lies in the
 * window, or one word above its end. The stack that the caller vouched for (from sp up, once sp is
 * in it) is kept beside it, for walks that begin on another one.
 */
struct window {
	uintptr_t lo, last;
	uintptr_t given_lo, given_last;
};

static inline bool window_has(const struct window *w, uintptr_t at)
{
	return at >= w->lo && at <= w->last;
}

/* Any word: one outside the window is probed. Misaligned ones are refused. */
bool stack_readable(struct window *w, uintptr_t at);
/* Whether the frame that begins at sp can end at this word: not beyond belief, and readable. */
bool stack_reaches(struct window *w, uintptr_t sp, uintptr_t at);
/* Makes the window one around sp, on whatever stack. Standing: it is our own sp, no need to probe.
 */
bool stack_enter(struct window *w, uintptr_t sp, bool standing);

static inline __attribute__((no_sanitize_address, no_sanitize_undefined)) uintptr_t
word_at(uintptr_t at)
{
	return *(const uintptr_t *)at;
}

/* By DWARF number. Of those not in `known` (a bit each) the value means nothing. */
struct regs {
	uintptr_t r[ARCH_REGS];
	uint32_t known;
};
#define KNOWN_QUICK (1u << ARCH_REG_SP | 1u << ARCH_REG_FP | 1u << ARCH_REG_RA)

/*
 * The caller's registers, by the tables for the code at pc. Returns 1 if the new pc is of an
 * interrupted instruction, 0 if it is a return address; -ENOENT without a table, -ENODATA at the
 * outermost frame, -EAGAIN if a register is not known that is needed, -EINVAL, -EFAULT. Changes
 * regs only on success. *slot: where the new pc is stored.
 */
int step_full(struct regs *regs, uintptr_t pc, struct window *w, uintptr_t *slot);
/* Code without tables: believe the frame pointer if all it leads to looks right. 0 or -EINVAL. */
int step_frame_pointer(struct regs *regs, uintptr_t pc, struct window *w, uintptr_t *slot);

#endif
