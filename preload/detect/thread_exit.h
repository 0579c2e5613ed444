/* SPDX-License-Identifier: MIT */
/*
 * Threads that end with a lock (generic rules lock-held-at-thread-exit and
 * cancelled-while-holding-lock).
 */
#ifndef DETECT_THREAD_EXIT_H
#define DETECT_THREAD_EXIT_H

#include "state/thread.h"

/* The calling thread has left its last function (returned, pthread_exit, cancelled): notes what it
 * was in, and that a wait on a condition variable, if that was it, gave the mutex back to it.
 * Before anything forgets the wait. */
void thread_exit_begins(struct thread *t);
/* Cleanup handlers and destructors are through: whatever it holds now stays held for ever. */
void thread_exit_judge(struct thread *t);

#endif
