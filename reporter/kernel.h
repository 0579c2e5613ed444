/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of a process that lives, where the tables cannot know it: that threads do
 * not move, and who else holds the pipe or queue they wait on. Kept as events of the model
 * (`watched`, `other_end`); `pitfall run` saves them beside the trace (NAME.seen), as nobody can
 * ask once the process is gone. Only looks: no signal, no ptrace. Not signal-safe.
 */
#ifndef REPORTER_KERNEL_H
#define REPORTER_KERNEL_H

#include "model.h"

/* P was just loaded from STATE and runs. Takes some 60 ms where a thread waits for what another
 * thread would have to do, and no time elsewhere. 0 or -errno. */
int kernel_look(struct model_process *p, const char *state);
/* Writes what it added into BASE.seen. 0, -ENODATA nothing was added, -errno. */
int kernel_save(const struct model_process *p, const char *base);

#endif
