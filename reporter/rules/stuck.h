/* SPDX-License-Identifier: MIT */
/*
 * Words about waiters that nobody is left to wake, shared by stuck_thread.c, lost_wakeup.c and
 * deadlock.c. Private to rules/.
 */
#ifndef REPORTER_STUCK_H
#define REPORTER_STUCK_H

#include "rule.h"
#include "wake.h"

/* A waiter that waits for nobody who waits himself: where a chain of waiters ends. */
bool stuck_is_root(const struct wake *k, const struct wake_thread *t);
/* Two that wait for the same thing in the same way. */
bool stuck_same(const struct wake_thread *a, const struct wake_thread *b);
/* Something needs it to go on: somebody waits for it, or the process has nothing else. */
bool stuck_matters(const struct wake *k, const struct wake_thread *t);
/* Its condition variable was signalled when nobody waited, and never else; this is its first wait.
 */
bool stuck_by_lost_wakeup(const struct wake *k, const struct wake_thread *t);

const char *say_stuck_place(const struct wake *k, const struct wake_thread *t);
/* "semaphore 'ready'", "pipe 3 opened in main (x.c:3)" */
const char *say_stuck_object(const struct wake *k, const struct wake_thread *t);
const char *say_stuck_verb(const struct wake_thread *t); /* who could "post" */
const char *say_stuck_done(const struct wake_thread *t); /* who has "posted" */

/* The wait itself; who used to end it, and how each of them came to be of no help; who waits for
 * it. */
void stuck_tell_wait(struct diagnosis *d, const struct wake *k, const struct wake_thread *t);
void stuck_tell_wakers(struct diagnosis *d, const struct wake *k, const struct wake_thread *t);
void stuck_tell_waiters(struct diagnosis *d, const struct wake *k, const struct wake_thread *t);
void stuck_add_object(struct diagnosis *d, const struct wake *k, const struct wake_thread *t);
/* Speaks about all threads that hang on T, or in a stuck process about all of them. */
void stuck_about(struct diagnosis *d, const struct wake *k, const struct wake_thread *t);
void stuck_role(struct diagnosis *d, const struct wake *k, const struct wake_thread *t);

#endif
