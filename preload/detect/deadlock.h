/* SPDX-License-Identifier: MIT */
/*
 * Rings of threads that wait for each other, found by the thread that closes the ring, at the
 * moment before it blocks.
 */
#ifndef DETECT_DEADLOCK_H
#define DETECT_DEADLOCK_H

#include "state/thread.h"

/* Called with the caller's wait registered. Writes a `deadlock` line if the caller now waits,
 * through others, for itself. Waits with a timeout end by themselves and are no part of a ring.
 * Dear: walks the live table for rwlocks. Signal-safe. Returns whether it found one. */
bool deadlock_check(struct thread *t);
/* Serial of the thread that holds the mutex at addr by glibc's owner field, and its live row; NULL
 * if free, unknown or not observed. */
struct st_live *mutex_holder(u64 addr);

#endif
