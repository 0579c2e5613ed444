/* SPDX-License-Identifier: MIT */
/* A look at what the kernel knows of descriptors that look forgotten. */
#ifndef DETECT_FD_LOOK_H
#define DETECT_FD_LOOK_H

#include "state/thread.h"

/* At the end of the process and at a snapshot: of every birth site with several open, which were
 * closed behind our back, and of sockets and pipes, which the other side has closed. A few system
 * calls; none where no site has several. Signal-safe. */
void fds_look(struct thread *t);

#endif
