/* SPDX-License-Identifier: MIT */
/*
 * For the rules whose evidence is one call, told by the preload as it was made (`misuse` events):
 * each has its file with its words, and says them through misuse_run(), or misuse_say() where it
 * has more to add. Pure.
 */
#ifndef RULES_MISUSE_H
#define RULES_MISUSE_H

#include "rule.h"

struct misuse {
	const char *kind;  /* of the event, and id of the rule */
	const char *title; /* what the call did: "in f, thread 2 " + title */
	const char *why, *fix;
	const char *other; /* what happened at other_stack before */
	enum { ON_LOCK, ON_THREAD, ON_FD } on;
	/* NULL: always an error */
	enum severity (*severity)(const struct model_process *p, const struct model_event *e);
};

/* The diagnosis of one event, for more evidence and other words; NULL as diag_new() may be. */
struct diagnosis *misuse_say(const struct model_process *p, struct findings *out,
			     const struct misuse *m, const struct model_event *e);
/* One for each event of that kind. */
void misuse_run(const struct model_process *p, struct findings *out, const struct misuse *m);

#endif
