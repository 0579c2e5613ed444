/* SPDX-License-Identifier: MIT */
/*
 * Call frame information: from a program counter to the row of rules that hold there.
 * Owns no state. Called by unwind.c only. Signal-safe: reads the module's tables, calls nothing.
 * Format: LSB core, "Exception Frames"; DWARF 5, section 6.4.
 */
#ifndef PITFALL_BASE_CFI_H
#define PITFALL_BASE_CFI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/modules.h"
#include "base/unwind_arch.h"

enum cfi_how {
	CFI_SAME,	/* nothing said: the caller has the same value */
	CFI_UNDEFINED,	/* lost; of the return address: this is the outermost frame */
	CFI_OFFSET,	/* saved at CFA + val */
	CFI_VAL_OFFSET, /* is CFA + val */
	CFI_REGISTER,	/* is in register val */
	CFI_EXPR,	/* saved where the expression says */
	CFI_VAL_EXPR,	/* is what the expression says */
};

/* Of an expression, val is where its length stands, relative to .eh_frame_hdr. */
struct cfi_row {
	int32_t val[ARCH_REGS];
	int32_t cfa_val;
	uint8_t how[ARCH_REGS];
	uint8_t cfa_reg;
	bool cfa_expr;
	bool signal; /* the frame of a signal trampoline */
};

/* The code one entry of the table covers: a function, or a part that the compiler split off. */
struct cfi_function {
	uintptr_t begin, size;
};

/* Both: 0, -ENOENT (no entry for pc), -EINVAL (a table we don't understand). */
int cfi_find_function(const struct module_eh *eh, uintptr_t pc, struct cfi_function *fn);
int cfi_find_row(const struct module_eh *eh, uintptr_t pc, struct cfi_row *row);

/* A position in a table. Reads past end give 0 and set bad. */
struct cfi_cursor {
	const uint8_t *at, *end;
	bool bad;
};
uint64_t cfi_fixed(struct cfi_cursor *c, unsigned bytes);
uint64_t cfi_uleb(struct cfi_cursor *c);
int64_t cfi_sleb(struct cfi_cursor *c);
/* The block of an expression: at its first operation, ending after its last. */
struct cfi_cursor cfi_expr_block(const struct module_eh *eh, int32_t val);

#endif
