/* SPDX-License-Identifier: MIT */
/*
 * What wrap/ needs of the bring-up (init.c): forks, exec, the end.
 */
#ifndef INIT_H
#define INIT_H

#include "base/common.h"
#include "state/thread.h"

/* In the child of a fork that was announced, or that scope_enter_slow() noticed: own files, own
 * state, one thread. `how`: fork, unseen. */
void tool_fork_child(const char *how);
/* The process ends: `how` and status for the `end` line. Further calls do nothing. Tables go on
 * being kept. */
void tool_end(struct thread *t, const char *how, int status);
/* exit() or a return from main: kept for the `end` line, which the destructors' turn brings. */
void tool_exiting(int status);
/* An exec is about to replace the image (err 0), or failed with err: then all goes on. */
void tool_exec(struct thread *t, const char *path, int err);
/* A sandbox is being installed (prctl, seccomp): from now on only calls the program surely makes.
 */
void tool_sandboxed(void);
/* Answers a control word written from outside, if there is one. Called at births and waits; cheap.
 */
void tool_control_slow(struct thread *t);
static inline void tool_control(struct thread *t)
{
	if (unlikely(state->control))
		tool_control_slow(t);
}
/* The thread-specific key whose destructor ends a thread's record after all others. */
void tool_thread_key(struct thread *t);

#endif
