/* SPDX-License-Identifier: MIT */
/*
 * Behind the builders of rule.h: drafts, which become diagnoses. Private to rules/ and report.c.
 */
#ifndef REPORTER_BUILDER_H
#define REPORTER_BUILDER_H

#include "rule.h"

struct about_key {
	enum about kind;
	u64 id;
};

struct draft {
	struct diagnosis d; /* first: builders get &draft->d */
	const struct model_process *p;
	struct about_key *key;
	u32 nkeys, cap_keys;
	char *roles;  /* text so far */
	char **cycle; /* members of the ring */
	u32 ncycle, cap_cycle;
	bool by_build, silenced;
	u32 cap_objects, cap_threads, cap_evidence;
	u32 like; /* others with its fingerprint, counted in d.count */
};

struct findings { /* of one process */
	const struct model_process *p;
	u32 process;
	const struct rule *rule; /* the one that speaks now */
	struct draft *open;	 /* being built: merged or kept when the next begins */
	struct draft **draft;
	u32 n, cap;
	u32 of_rule; /* first draft of `rule` */
};

#define MAX_DIAGS 500 /* distinct ones of a rule in a process */

void findings_run(struct findings *out, const struct rule *rule);
void findings_free(struct findings *out);    /* drafts and what they own */
void findings_explain(struct findings *out); /* marks drafts silenced: explains.c */
void diagnosis_free(struct diagnosis *d);    /* what it holds */

#endif
