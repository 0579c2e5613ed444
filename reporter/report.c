/* SPDX-License-Identifier: MIT */
/*
 * From traces to a report: see report.h. Owns the report while it grows; one model is in memory at
 * a time. Called from cmd_*.c; not signal-safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "alive.h"
#include "baseline.h"
#include "graph.h"
#include "report.h"
#include "rules/builder.h"
#include "suppress.h"
#include "util.h"

#define PROCESSES_MAX (1u << 20)
#define DIAGS_MAX     (1u << 20)

struct build {
	struct report *r;
	const struct report_options *o;
	struct diag_out *out;
	struct suppressions *sup;
	struct baseline *base;
	u32 cap_processes, cap_diags;
	u64 began, told; /* ns, for progress */
};

const char *severity_name(enum severity s)
{
	return s == SEV_ERROR ? "error" : s == SEV_WARNING ? "warning" : "note";
}

const char *confidence_name(enum confidence c)
{
	return c == CONF_CERTAIN ? "certain" : c == CONF_LIKELY ? "likely" : "suspected";
}

const char *family_name(enum family f)
{
	static const char *const names[] = {"lifetime", "ordering", "sharing", "runtime",
					    "deadlock", "misuse",   "leak",    "cost"};
	return names[f];
}

const char *ended_name(enum ended e)
{
	static const char *const names[] = {"exit", "signal", "killed", "exec", "running"};
	return names[e];
}

/* ---- one process -------------------------------------------------------------------------------
 */
static bool rule_wanted(const struct report_options *o, const struct rule *rule)
{
	const char *list = o->only_rules, *at;
	size_t len = strlen(rule->id);

	if (!list)
		return true;
	for (at = list; (at = strstr(at, rule->id)); at += len)
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

static void rules_run(struct findings *f, const struct report_options *o)
{
	unsigned mode = strcmp(f->p->facts.mode, "diagnose") == 0 ? IN_DIAGNOSE : IN_AUDIT;

	for (unsigned i = 0; i < nrules; i++)
		if (rules[i].modes & mode && rule_wanted(o, &rules[i]))
			findings_run(f, &rules[i]);
	findings_explain(f);
}

static int diags_take(struct build *b, struct findings *f)
{
	struct report *r = b->r;

	for (u32 i = 0; i < f->n; i++) {
		struct diagnosis *d = &f->draft[i]->d;

		if (f->draft[i]->silenced)
			continue;
		if (suppressions_match(b->sup, d)) {
			r->suppressed++;
			continue;
		}
		if (baseline_knows(b->base, d)) {
			r->known++;
			continue;
		}
		if (array_room((void **)&r->diag, r->ndiags, &b->cap_diags, sizeof(*d), DIAGS_MAX))
			return -ENOMEM;
		r->diag[r->ndiags++] = *d;
		memset(d, 0, sizeof(*d)); /* taken over */
		r->errors += r->diag[r->ndiags - 1].severity == SEV_ERROR;
		r->warnings += r->diag[r->ndiags - 1].severity == SEV_WARNING;
		r->notes += r->diag[r->ndiags - 1].severity == SEV_NOTE;
	}
	return 0;
}

/* Runs the rules on P and takes its facts over. */
static int process_judge(struct build *b, struct model_process *p)
{
	struct report *r = b->r;
	struct findings f = {.p = p, .process = r->nprocesses};
	int rc = array_room((void **)&r->process, r->nprocesses, &b->cap_processes,
			    sizeof(*r->process), PROCESSES_MAX);

	if (rc == 0) {
		rules_run(&f, b->o);
		rc = b->o->only_rules ? 0 : graphs_add(r, &f, b->o->pictures);
	}
	if (rc == 0) {
		rc = diags_take(b, &f);
		r->dropped_events += p->facts.dropped_events;
		r->process[r->nprocesses++] = p->facts;
		memset(&p->facts, 0, sizeof(p->facts));
	}
	findings_free(&f);
	return rc;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */
static int diag_compare(const void *a, const void *b)
{
	const struct diagnosis *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->confidence != y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return strcmp(x->fingerprint, y->fingerprint);
}

static void report_finish(struct report *r)
{
	u64 best = UINT64_MAX;

	if (r->ndiags)
		qsort(r->diag, r->ndiags, sizeof(*r->diag), diag_compare);
	for (u32 i = 0; i < r->nprocesses; i++) {
		const struct process_facts *f = &r->process[i];

		if (f->started && (f->started_real ? f->started_real : f->started) < best) {
			best = f->started_real ? f->started_real : f->started;
			r->base_process = i;
			r->base = f->started;
		}
	}
}

double report_time(const struct report *r, u32 process, u64 t)
{
	const struct process_facts *f = process < r->nprocesses ? &r->process[process] : NULL;
	const struct process_facts *base = r->nprocesses ? &r->process[r->base_process] : NULL;
	double s;

	if (!f || !t)
		return -1;
	if (!f->boot_id || !base->boot_id || strcmp(f->boot_id, base->boot_id) == 0 ||
	    !f->started_real || !base->started_real)
		s = ((double)t - (double)r->base) / 1e9;
	else /* another machine: its clock is tied to ours by the time of day alone */
		s = ((double)t - (double)f->started + (double)f->started_real -
		     (double)base->started_real) /
		    1e9;
	return s < 0 ? 0 : s;
}

static void progress(struct build *b, u32 done, u32 all)
{
	u64 now;

	if (!b->o->progress || !isatty(STDERR_FILENO))
		return;
	now = now_ns();
	if (done < all && (now - b->began < 1000000000u || now - b->told < 200000000u))
		return;
	if (done < all) {
		fprintf(stderr, "\rpitfall: %u of %u traces read", done, all);
		b->told = now;
	} else if (b->told) {
		fprintf(stderr, "\r%60s\r", "");
	}
}

/* What can be read twice: not a pipe. */
static const char *file_again(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) ? NULL
											    : path;
}

static int build_begin(struct build *b, const struct report_options *o, struct diag_out *own)
{
	static const struct report_options none;
	const char *suppressions, *baseline;

	memset(b, 0, sizeof(*b));
	b->o = o ? o : &none;
	b->out = b->o->out ? b->o->out : own;
	b->began = now_ns();
	b->r = calloc(1, sizeof(*b->r));
	if (!b->r)
		return -ENOMEM;
	suppressions = b->o->suppressions;
	baseline = b->o->baseline;
	if (b->o->only_rules) { /* while it runs: the report at the end will want them, too */
		suppressions = file_again(suppressions);
		baseline = file_again(baseline);
	}
	if (suppressions && suppressions_load(&b->sup, suppressions, b->out))
		return -EINVAL;
	return baseline ? baseline_load(&b->base, baseline, b->out) : 0;
}

static int build_end(struct build *b, int rc, struct report **out)
{
	if (rc == 0 && !b->o->only_rules) {
		b->out->here = 0; /* no longer about a process */
		suppressions_tell_unused(b->sup, b->out);
		baseline_tell(b->base, b->out);
	}
	suppressions_free(b->sup);
	baseline_free(b->base);
	if (rc) {
		report_free(b->r);
		b->r = NULL;
	} else {
		report_finish(b->r);
	}
	*out = b->r;
	return rc;
}

int report_check(const struct report_options *o)
{
	const struct report_options files = {.out = o->out,
					     .suppressions = file_again(o->suppressions),
					     .baseline = file_again(o->baseline)};
	struct diag_out own = {.to = stderr};
	struct build b;
	int rc = build_begin(&b, &files, &own);

	suppressions_free(b.sup);
	baseline_free(b.base);
	report_free(b.r);
	return rc;
}

int report_build(struct report **out, char *const *paths, int npaths,
		 const struct report_options *o)
{
	struct diag_out own = {.to = stderr};
	struct trace_set set = {0};
	struct build b;
	int rc = build_begin(&b, o, &own);

	for (int i = 0; rc == 0 && i < npaths; i++) {
		u32 before = set.n;

		if (trace_find(&set, paths[i], b.out) == 0 && set.n == before)
			diag_say(b.out, paths[i], 0, "no trace in it");
	}
	for (u32 i = 0; rc == 0 && i < set.n; i++) {
		struct model_process *p;

		progress(&b, i, set.n);
		if (process_load(&p, &set.ref[i], b.out) == 0) {
			rc = process_judge(&b, p);
			process_free(p);
		}
	}
	progress(&b, set.n, set.n);
	trace_set_free(&set);
	if (rc == 0 && b.r->nprocesses == 0)
		rc = -ENODATA;
	return build_end(&b, rc, out);
}

int report_process(struct report **out, struct model_process *p, const struct report_options *o)
{
	struct diag_out own = {.to = stderr};
	struct build b;
	int rc = build_begin(&b, o, &own);

	if (rc == 0)
		rc = process_judge(&b, p);
	return build_end(&b, rc, out);
}

int report_add_unobserved(struct report *r, int pid, const char *program, const char *why)
{
	struct process_facts *p = realloc(r->process, (r->nprocesses + 1) * sizeof(*p)), *f;

	if (!p)
		return -ENOMEM;
	r->process = p;
	f = &p[r->nprocesses++];
	memset(f, 0, sizeof(*f));
	f->pid = pid;
	f->program = text_dup(program);
	f->why_unobserved = text_dup(why);
	f->ended = ENDED_EXIT;
	return 0;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	for (u32 i = 0; i < r->nprocesses; i++)
		facts_free(&r->process[i]);
	for (u32 i = 0; i < r->ndiags; i++)
		diagnosis_free(&r->diag[i]);
	graphs_free(r->graph, r->ngraphs);
	free(r->process);
	free(r->diag);
	free(r);
}
