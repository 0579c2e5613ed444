/* SPDX-License-Identifier: MIT */
/*
 * What the two rules of signal handlers have in common: naming the handler of an event. Pure.
 */
#ifndef RULES_HANDLER_H
#define RULES_HANDLER_H

#include "rule.h"

/* "on_term (the handler of SIGTERM)" */
const char *handler_name(const struct model_process *p, const struct model_event *e);
/* Where it was installed, and the thread it ran in. */
void handler_evidence(struct diagnosis *d, const struct model_process *p,
		      const struct model_event *e);
/* The same function in another run; `stack` where it has no name. */
void handler_role(struct diagnosis *d, const struct model_process *p, const struct model_event *e,
		  u32 stack);
/* It speaks of the thread that hangs, and of the lock. */
void handler_about(struct diagnosis *d, const struct model_process *p, const struct model_event *e);

#endif
