/* SPDX-License-Identifier: MIT */
/*
 * A timer could not be made for want of room: RLIMIT_SIGPENDING is full of those that live.
 */
#ifndef DETECT_TIMERS_H
#define DETECT_TIMERS_H

#include "state/thread.h"

/* timer_create failed with EAGAIN. Counts it at its site; tells it the first time. Keeps errno.
 * Signal-safe. */
void timer_exhausted(struct thread *t, u32 kind);

#endif
