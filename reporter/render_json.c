/* SPDX-License-Identifier: MIT */
/*
 * The JSON report, pitfall-report/1: every key of the contract is always there, unknown values are
 * null. Owns nothing; called from render.c and cmd_dump.c; not signal-safe.
 */
#include <errno.h>
#include "render_priv.h"
#include "rules/rule.h"

/* A list grows by stealing; a NULL value (memory out) becomes null rather than a missing key. */
static void set(json_t *to, const char *key, json_t *value)
{
	json_object_set_new(to, key, value ? value : json_null());
}

static json_t *str(const char *s)
{
	return s ? json_string(s) : json_null();
}

json_t *frames_json(const struct frames *f)
{
	json_t *list = json_array();

	for (u32 i = 0; i < f->n; i++) {
		const struct frame *x = &f->f[i];
		json_t *o = json_object();

		set(o, "function", str(x->function));
		set(o, "file", str(x->file));
		set(o, "line", x->line ? json_integer(x->line) : json_null());
		set(o, "module", str(x->module));
		set(o, "offset", json_integer((json_int_t)x->offset));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *coverage_json(const struct process_facts *f)
{
	json_t *o = json_object(), *blind = json_array();

	for (u32 i = 0; i < f->nblind; i++) {
		json_t *b = json_object();

		set(b, "rule", str(f->blind[i].what));
		set(b, "why", str(f->blind[i].why));
		json_array_append_new(blind, b);
	}
	set(o, "observed", json_boolean(f->observed));
	set(o, "why", str(f->why_unobserved));
	set(o, "mode", str(f->mode));
	set(o, "blind", blind);
	set(o, "dropped_events", json_integer((json_int_t)f->dropped_events));
	return o;
}

json_t *facts_json(const struct process_facts *f)
{
	json_t *o = json_object(), *argv = f->argv ? json_array() : json_null();

	for (char **a = f->argv; a && *a; a++)
		json_array_append_new(argv, json_string(*a));
	set(o, "pid", json_integer(f->pid));
	set(o, "ppid", json_integer(f->ppid));
	set(o, "program", str(f->program));
	set(o, "argv", argv);
	set(o, "host", str(f->host));
	set(o, "boot_id", str(f->boot_id));
	set(o, "started", f->started_real ? json_real((double)f->started_real / 1e9) : json_null());
	set(o, "ended", json_string(ended_name(f->ended)));
	set(o, "status", f->has_status ? json_integer(f->status) : json_null());
	set(o, "coverage", coverage_json(f));
	return o;
}

static json_t *objects_json(const struct diagnosis *d)
{
	json_t *list = json_array();

	for (u32 i = 0; i < d->nobjects; i++) {
		json_t *o = json_object();

		set(o, "kind", str(d->object[i].kind));
		set(o, "id", json_integer((json_int_t)d->object[i].id));
		set(o, "name", str(d->object[i].name));
		set(o, "created", frames_json(&d->object[i].created));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *threads_json(const struct diagnosis *d)
{
	json_t *list = json_array();

	for (u32 i = 0; i < d->nthreads; i++) {
		json_t *o = json_object();

		set(o, "serial", json_integer(d->thread[i].serial));
		set(o, "tid", d->thread[i].tid ? json_integer(d->thread[i].tid) : json_null());
		set(o, "name", str(d->thread[i].name));
		set(o, "start", str(d->thread[i].start));
		set(o, "created", frames_json(&d->thread[i].created));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *evidence_json(const struct report *r, const struct diagnosis *d)
{
	json_t *list = json_array();

	for (u32 i = 0; i < d->nevidence; i++) {
		const struct diag_evidence *e = &d->evidence[i];
		double t = report_time(r, d->process, e->t);
		json_t *o = json_object();

		set(o, "t", t < 0 ? json_null() : json_real(t));
		set(o, "thread", e->thread ? json_integer(e->thread) : json_null());
		set(o, "what", str(e->what));
		set(o, "stack", frames_json(&e->stack));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *diagnosis_json(const struct report *r, const struct diagnosis *d)
{
	json_t *o = json_object();

	set(o, "process", json_integer(d->process));
	set(o, "rule", json_string(d->rule->id));
	set(o, "pitfall", d->rule->pitfall ? json_integer(d->rule->pitfall) : json_null());
	set(o, "family", json_string(family_name(d->rule->family)));
	set(o, "severity", json_string(severity_name(d->severity)));
	set(o, "confidence", json_string(confidence_name(d->confidence)));
	set(o, "title", str(d->title));
	set(o, "what", str(d->what));
	set(o, "why", str(d->why));
	set(o, "fix", str(d->fix));
	set(o, "count", json_integer((json_int_t)d->count));
	set(o, "objects", objects_json(d));
	set(o, "threads", threads_json(d));
	set(o, "evidence", evidence_json(r, d));
	set(o, "fingerprint", json_string(d->fingerprint));
	if (d->by_build)
		set(o, "stability", json_string("build"));
	return o;
}

int render_json(const struct report *r, FILE *to)
{
	json_t *o = json_object(), *processes = json_array(), *diags = json_array(),
	       *sum = json_object();
	int rc = 0;

	for (u32 i = 0; i < r->nprocesses; i++)
		json_array_append_new(processes, facts_json(&r->process[i]));
	for (u32 i = 0; i < r->ndiags; i++)
		json_array_append_new(diags, diagnosis_json(r, &r->diag[i]));
	set(sum, "errors", json_integer(r->errors));
	set(sum, "warnings", json_integer(r->warnings));
	set(sum, "notes", json_integer(r->notes));
	set(sum, "suppressed", json_integer(r->suppressed));
	set(sum, "known", json_integer(r->known));
	set(sum, "dropped_events", json_integer((json_int_t)r->dropped_events));
	set(o, "schema", json_string("pitfall-report/1"));
	set(o, "processes", processes);
	set(o, "diagnoses", diags);
	set(o, "summary", sum);
	if (json_dumpf(o, to, JSON_INDENT(1)) != 0 || fputc('\n', to) == EOF)
		rc = -EIO;
	json_decref(o);
	return rc;
}
