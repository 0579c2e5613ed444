/* SPDX-License-Identifier: MIT */
/*
 * Words that the rules about the lives of synchronisation objects share: use-after-destroy,
 * double-init, uninitialised-use, destroy-while-in-use. Pure; results as those of say_*().
 */
#ifndef RULES_LIVES_H
#define RULES_LIVES_H

#include "misuse.h"

/* The object an event is about: "mutex", "condition variable"; "object" if its kind is not known.
 */
const char *lives_kind(const struct model_process *p, const struct model_event *e);
/* What the call of an event does to it: "locks a mutex", "signals a condition variable". */
const char *lives_deed(const struct model_process *p, const struct model_event *e);
/* Adds where it was made, if that was seen. */
void lives_born(struct diagnosis *d, const struct model_process *p, const struct model_event *e);

#endif
