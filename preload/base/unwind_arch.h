/* SPDX-License-Identifier: MIT */
/*
 * All that the walker knows of one architecture: DWARF register numbers, how to read the registers
 * of the current frame, where return addresses are stored. Included by unwind.c and cfi.c.
 */
#ifndef PITFALL_BASE_UNWIND_ARCH_H
#define PITFALL_BASE_UNWIND_ARCH_H

#include <stdint.h>

#if defined(__x86_64__)

enum {
	ARCH_REG_FP = 6,  /* rbp */
	ARCH_REG_SP = 7,  /* rsp */
	ARCH_REG_RA = 16, /* the return address column */
	ARCH_REGS = 17,
};
/* What a called function preserves: rbx, rbp, r12-r15; these, sp and pc are known at the start. */
#define ARCH_KNOWN_AT_START ((1u << 3) | (1u << 6) | (1u << 7) | (0xfu << 12) | (1u << 16))
/* The return address is always at CFA - 8 in code that compilers make. */
#define ARCH_RA_OFFSET (-8)
/* Below sp, a leaf function may have live data there. */
#define ARCH_RED_ZONE 128

/* Fills r[] with the registers as they are at this very place in the current function. */
#define ARCH_CAPTURE(r)                                                                            \
	__asm__ volatile("leaq 0(%%rip), %%rax\n\t"                                                \
			 "movq %%rax, 16*8(%0)\n\t"                                                \
			 "movq %%rbx, 3*8(%0)\n\t"                                                 \
			 "movq %%rbp, 6*8(%0)\n\t"                                                 \
			 "movq %%rsp, 7*8(%0)\n\t"                                                 \
			 "movq %%r12, 12*8(%0)\n\t"                                                \
			 "movq %%r13, 13*8(%0)\n\t"                                                \
			 "movq %%r14, 14*8(%0)\n\t"                                                \
			 "movq %%r15, 15*8(%0)\n\t"                                                \
			 :                                                                         \
			 : "r"(r)                                                                  \
			 : "rax", "memory")

/* arm64: strip the pointer authentication code here. */
static inline uintptr_t arch_strip(uintptr_t pc)
{
	return pc;
}

/* Keeps the compiler from pairing the two in a vector register, which costs 3 ns a frame. */
#define ARCH_KEEP_IN_REGISTERS(a, b) __asm__("" : "+r"(a), "+r"(b))

#else
#error "port me: register numbers and capture"
#endif

#endif
