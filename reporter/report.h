/* SPDX-License-Identifier: MIT */
/*
 * The report: what was found in one or many traces, ready to be rendered. The C shape of the JSON
 * contract in docs (pitfall-report/1).
 *
 * Owns: its processes' facts and all diagnoses, until report_free(). Nothing in it points into a
 * model. report_build() is the whole way: find, load, rules, who explains whom, suppressions, one
 * process at a time.
 */
#ifndef REPORTER_REPORT_H
#define REPORTER_REPORT_H

#include "model.h"
#include "reader.h"

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };
enum confidence { CONF_SUSPECTED, CONF_LIKELY, CONF_CERTAIN };
enum family {
	FAM_LIFETIME,
	FAM_ORDERING,
	FAM_SHARING,
	FAM_RUNTIME,
	FAM_DEADLOCK,
	FAM_MISUSE,
	FAM_LEAK,
	FAM_COST
};
const char *severity_name(enum severity s);
const char *confidence_name(enum confidence c);
const char *family_name(enum family f);
const char *ended_name(enum ended e);

struct diag_object {
	const char *kind; /* "mutex", "fd", …: a constant */
	u64 id;
	char *name; /* NULL unknown */
	struct frames created;
};
struct diag_thread {
	u32 serial, tid;
	char *name, *start; /* NULL unknown */
	struct frames created;
};
struct diag_evidence {
	u64 t; /* CLOCK_MONOTONIC ns; 0 unknown */
	u32 thread;
	char *what;
	struct frames stack;
};
struct diagnosis {
	u32 process;
	const struct rule *rule; /* rules/rule.h */
	enum severity severity;
	enum confidence confidence;
	char *title, *what, *why, *fix;
	u64 count;
	struct diag_object *object;
	u32 nobjects;
	struct diag_thread *thread;
	u32 nthreads;
	struct diag_evidence *evidence;
	u32 nevidence;
	u32 more; /* objects, threads and evidence left out to keep the report readable */
	char fingerprint[33];
	bool by_build; /* fingerprint made of build-id and offset: stable for this build only */
};

struct report {
	struct process_facts *process;
	u32 nprocesses;
	struct diagnosis *diag; /* worst first */
	u32 ndiags;
	u32 errors, warnings, notes, suppressed;
	u32 known;	     /* in the baseline, not reported again */
	struct graph *graph; /* graph.h: who waited for whom when last seen, … */
	u32 ngraphs;
	u64 dropped_events;
	u64 base; /* see report_time() */
	u32 base_process;
};

struct report_options {
	const char *suppressions; /* file, or NULL */
	const char *baseline;	  /* a JSON report whose faults are known, or NULL */
	bool pictures;		  /* graphs for `-f dot` and `-f svg`, not the text report's few */
	const char *only_rules;	  /* comma-separated rule ids, or NULL: all. `run` asks for
				     "deadlock,self-deadlock" while it runs */
	bool progress; /* say on stderr how far it is when it takes over 1 s (only on a terminal) */
	struct diag_out *out; /* complaints; NULL: stderr */
};

/* Reads the files of O and forgets them, so that what is wrong with them is said before anything
 * runs. 0; -EINVAL (said); -ENOMEM. */
int report_check(const struct report_options *o);
/*
 * 0 with *OUT. -ENODATA if nothing at all could be read (no trace there, or none readable: said on
 * `out`); -EINVAL for a bad suppression file or
 * baseline (said); -ENOMEM. An empty directory is -ENODATA.
 */
int report_build(struct report **out, char *const *paths, int npaths,
		 const struct report_options *o);
/* The same for a process that is loaded already; P's facts move into the report, the caller frees
 * P. */
int report_process(struct report **out, struct model_process *p, const struct report_options *o);
/*
 * Adds a process that could not be observed (a static program, …), for `run`. PROGRAM's trace does
 * not exist; it shows up in the report's coverage with "observed": false and WHY.
 */
int report_add_unobserved(struct report *r, int pid, const char *program, const char *why);
void report_free(struct report *r);

/* Seconds since the earliest process began, as evidence of PROCESS is dated; negative: unknown. */
double report_time(const struct report *r, u32 process, u64 t);

#endif
