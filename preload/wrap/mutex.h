/* SPDX-License-Identifier: MIT */
/*
 * What pthread_mutex_* and mtx_* share (glibc's mtx_t is a pthread_mutex_t, and its calls are the
 * same). `pc`, `sp`: where the program called.
 */
#ifndef WRAP_MUTEX_H
#define WRAP_MUTEX_H

#include <pthread.h>

#include "detect/wrong_kind.h"
#include "state/thread.h"

/* They return what the pthread calls return. */
int mutex_lock_from(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp);
int mutex_trylock_from(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp);
int mutex_timedlock_from(pthread_mutex_t *m, const struct timespec *abs, uintptr_t pc,
			 uintptr_t sp);
int mutex_unlock_from(pthread_mutex_t *m, uintptr_t sp);
/* What no living mutex has: a kind that is none (destroy sets all bits), or a plain one's lock word
 * past 2. Then a closer look, for the use that `call` names. */
enum { MUTEX_KINDS = 0x3f3, MUTEX_KINDS_WITH_TID = 0x70 };
static inline bool mutex_odd(const pthread_mutex_t *m)
{
	u32 kind = (u32)m->__data.__kind;

	return kind & ~(u32)MUTEX_KINDS ||
	       (!(kind & MUTEX_KINDS_WITH_TID) && (u32)m->__data.__lock > 2);
}
void mutex_look_closer(struct thread *t, const pthread_mutex_t *m, const char *call);
static inline void mutex_check(struct thread *t, const pthread_mutex_t *m, const char *call)
{
	if (!wrong_kind_check(t, (u64)m, SYNC_mutex, call) && unlikely(mutex_odd(m)))
		mutex_look_closer(t, m, call);
}
/* It was initialised; `flags`: SF_C11 or 0. */
void mutex_born(struct thread *t, pthread_mutex_t *m, u32 flags);
/* It is about to be destroyed: says so if it is held. Returns its flags, for mutex_dead(): the call
 * was made, and libc may have refused. */
u32 mutex_dies(struct thread *t, pthread_mutex_t *m);
void mutex_dead(struct thread *t, pthread_mutex_t *m, u32 flags);

#endif
