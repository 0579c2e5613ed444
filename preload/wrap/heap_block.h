/* SPDX-License-Identifier: MIT */
/* How large a block of the program's heap is, without asking its allocator. */
#ifndef WRAP_HEAP_BLOCK_H
#define WRAP_HEAP_BLOCK_H

#include "base/common.h"
#include "trace_schema.h"

/* Usable bytes of the living block that begins at `p`; 0 where that can't be told: no block, one of
 * another allocator than glibc's, or one whose neighbours look odd. Never faults; up to six cheap
 * system calls. */
u64 heap_block_size(const void *p);

#endif
