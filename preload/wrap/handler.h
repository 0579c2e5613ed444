/* SPDX-License-Identifier: MIT */
/*
 * Between the program and the kernel: signal handlers pass through a trampoline of ours, which the
 * program never gets to see. Signal-safe.
 */
#ifndef WRAP_HANDLER_H
#define WRAP_HANDLER_H

#include "base/common.h"
#include "state/handlers.h"

/* What to install for the program's handler `h` of `sig`: a stub, or h itself where it isn't
 * watched (SIG_DFL, SIG_IGN, signals of faults, a thread that passes through). */
void *handler_outward(int sig, void *h);
/* What the program is told of an address the kernel has returned. */
void *handler_inward(void *h);

#endif
