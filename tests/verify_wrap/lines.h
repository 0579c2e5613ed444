/* SPDX-License-Identifier: MIT */
/* All families. No guard: verify_wrap.c includes it twice. */
#include "verify_wrap/process.def"
#include "verify_wrap/signal.def"
#include "verify_wrap/thread.def"
#include "verify_wrap/lock.def"
#include "verify_wrap/fd.def"
#include "verify_wrap/timer.def"
#include "verify_wrap/io.def"
#include "verify_wrap/stdio.def"
#include "verify_wrap/memory.def"
#include "verify_wrap/unsafe.def"
