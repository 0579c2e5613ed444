/* SPDX-License-Identifier: MIT */
/*
 * What the program's signal handlers do that they must not: calls that are not async-signal-safe,
 * another errno left behind. Called from wrap/. Signal-safe.
 */
#ifndef DETECT_HANDLERS_H
#define DETECT_HANDLERS_H

#include "base/common.h"
#include "state/handlers.h"

/* libc's function `name` is about to be called on `object` (the lock, the stream; 0), with a
 * handler running. Nothing happens if it is safe there (handler_calls.def). Keeps errno. */
void handler_calls(const char *name, u64 object);
/* For wrappers: nothing but a test of a thread-local word while no handler runs. */
#define IN_HANDLER(name, object)                                                                   \
	do {                                                                                       \
		if (unlikely(handler_now != NULL))                                                 \
			handler_calls(name, (u64)(object));                                        \
	} while (0)

/* Handler r has returned with another errno than `before`, which it found. Keeps errno. */
void handler_spoiled(struct thread *t, struct handler_run *r, int before);
/* The program's own ways to open its mask (0: none). libc, and the tool itself, do so as well
 * inside of other calls: a signal that was held back there comes as if by chance. */
#define HANDLER_OPENERS 4
extern uintptr_t handler_openers[HANDLER_OPENERS];
/* A handler more than there are slots: said once. */
void handlers_full(void);

#endif
