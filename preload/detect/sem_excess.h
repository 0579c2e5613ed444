/* SPDX-License-Identifier: MIT */
/*
 * A semaphore used as a limit (each thread takes and gives back) that ends above the value it was
 * made with (generic rule semaphore-misuse).
 */
#ifndef DETECT_SEM_EXCESS_H
#define DETECT_SEM_EXCESS_H

#include "state/thread.h"

/* It is about to be destroyed, with this value. `row`: in TABLE_sync. */
void sem_excess_check(struct thread *t, u32 row, u32 value);
/* The process ends: the semaphores in the data of its modules, which nobody destroys. */
void sem_excess_end(struct thread *t);

#endif
