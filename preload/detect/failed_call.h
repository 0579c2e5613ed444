/* SPDX-License-Identifier: MIT */
/*
 * Calls that returned an error which is no answer (generic rule failed-call): what the program
 * wanted was not done, and it must notice. Costs nothing where calls succeed. Signal-safe; errno is
 * left alone.
 */
#ifndef DETECT_FAILED_CALL_H
#define DETECT_FAILED_CALL_H

#include "state/sync.h"

enum { FAILED_C11 = -1 }; /* thrd_error: why is not known */

void failed_call_tell(struct thread *t, const char *call, u64 addr, enum sync_kind kind, int err);
/* The call returned `err`, 0 or an errno. A timeout, a busy lock, an owner that died and a signal
 * are answers; EDEADLK of a lock is `relock`. `t` may be NULL. */
static inline void failed_call(struct thread *t, const char *call, const void *addr,
			       enum sync_kind kind, int err)
{
	if (unlikely(err) && t)
		failed_call_tell(t, call, (u64)(uintptr_t)addr, kind, err);
}
/* A thread was refused. */
void failed_call_create(struct thread *t, const char *call, int err);
/* A join or detach of the thread with that serial, 0 unknown. */
void failed_call_thread(struct thread *t, const char *call, u64 pthread, u32 serial, int err);
/* Reads the limit again that a refusal names: at the start, and when limits were set. */
void failed_call_limits(void);

#endif
