/* SPDX-License-Identifier: MIT */
/*
 * Who uses which queue how: one row a (object, thread, role), counted where a call was dear anyhow.
 * Signal-safe.
 */
#ifndef STATE_ROLES_H
#define STATE_ROLES_H

#include "base/common.h"
#include "state/thread.h"

enum role_kind { ROLE_SYNC = 1, ROLE_FD, ROLE_MQ };
enum { ROLE_SENDS = 1, ROLE_RECEIVES = 2, ROLE_CLOSES = 4 };

/* `obj`: sync serial, or descriptor number with its generation. */
void role_note(struct thread *t, enum role_kind kind, u32 obj, u32 gen, u32 role);
void roles_fork_child(void);

#endif
