/* SPDX-License-Identifier: MIT */
/*
 * What pthread_mutex_* and mtx_* share (glibc's mtx_t is a pthread_mutex_t, and its calls are the
 * same). `pc`, `sp`: where the program called.
 */
#ifndef WRAP_MUTEX_H
#define WRAP_MUTEX_H

#include <pthread.h>

#include "state/thread.h"

/* They return what the pthread calls return. */
int mutex_lock_from(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp);
int mutex_trylock_from(pthread_mutex_t *m, uintptr_t pc, uintptr_t sp);
int mutex_timedlock_from(pthread_mutex_t *m, const struct timespec *abs, uintptr_t pc,
			 uintptr_t sp);
int mutex_unlock_from(pthread_mutex_t *m, uintptr_t sp);
/* It was initialised; `flags`: SF_C11 or 0. */
void mutex_born(struct thread *t, pthread_mutex_t *m, u32 flags);
/* It is about to be destroyed: says so if it is held. */
void mutex_dies(struct thread *t, pthread_mutex_t *m);

#endif
