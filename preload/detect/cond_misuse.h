/* SPDX-License-Identifier: MIT */
/*
 * Waits on a condition variable that break its contract with its mutex (generic rules
 * cond-wait-without-mutex and cond-two-mutexes).
 */
#ifndef DETECT_COND_MISUSE_H
#define DETECT_COND_MISUSE_H

#include <pthread.h>

#include "state/thread.h"

/* The calling thread is about to wait. `cond`, `mutex`: their rows, NULL unknown. `held`: the mutex
 * is in its books. Before it counts as a waiter. Signal-safe. */
void cond_misuse_check(struct thread *t, const pthread_cond_t *c, const pthread_mutex_t *m,
		       struct st_sync *cond, const struct st_sync *mutex, bool held);

#endif
