/* SPDX-License-Identifier: MIT */
/*
 * Words every layer uses. No state, no code of weight.
 */
#ifndef BASE_COMMON_H
#define BASE_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD	    __attribute__((cold, noinline))
#define EXPORT	    __attribute__((visibility("default")))
#define TLS_IE	    __attribute__((tls_model("initial-exec")))
#define APART                                                                                      \
	__attribute__((                                                                            \
	    aligned(64))) /* on a struct: alone on its cache lines; on a variable: begins one */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Where a wrapper was called: the return address, and the stack address just above it (the caller's
 * stack pointer at the call).
 * __builtin_dwarf_cfa() needs no frame pointer. Use only in the body of a wrapper itself. */
#define CALLER_PC() ((uintptr_t)__builtin_return_address(0))
#define CALLER_SP() ((uintptr_t)__builtin_dwarf_cfa())

#endif
