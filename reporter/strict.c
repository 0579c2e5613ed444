/* SPDX-License-Identifier: MIT */
/*
 * --strict: see strict.h. Children are known from the traces of those who made them, which are read
 * once more for that. Reporter only, not signal-safe.
 */
#include "strict.h"

#include <stdio.h>
#include <string.h>

static bool say(bool ok, int pid, const char *what, const char *why)
{
	if (!ok)
		fprintf(stderr, "pitfall: --strict: process %d: %s: %s\n", pid, what, why);
	return ok;
}

/* Is there an image of that pid that began after `t`? */
static bool has_image(const struct report *r, int pid, u64 t)
{
	for (u32 i = 0; i < r->nprocesses; i++)
		if (r->process[i].pid == pid && r->process[i].observed &&
		    r->process[i].started >= t)
			return true;
	return false;
}

static bool children_observed(const struct report *r, const struct process_facts *f)
{
	struct diag_out quiet = {0};
	struct model_process *p = NULL;
	bool ok = true;
	char what[64];

	if (!f->trace || trace_load(&p, f->trace, &quiet))
		return true;
	FOR_EACH_EVENT(p, "fork", e)
	{
		int child = (int)event_int(e, "child");

		snprintf(what, sizeof(what), "its child %d", child);
		if (child > 0)
			ok &= say(has_image(r, child, f->started), f->pid, what, "left no trace");
	}
	FOR_EACH_EVENT(p, "exec", e)
	if (!*event_str(e, "err"))
		ok &=
		    say(has_image(r, f->pid, e->t), f->pid, event_str(e, "path"), "left no trace");
	process_free(p);
	return ok;
}

bool strict_all_observed(const struct report *r)
{
	bool ok = true;

	for (u32 i = 0; i < r->nprocesses; i++) {
		const struct process_facts *f = &r->process[i];

		ok &= say(f->observed, f->pid, f->program ? f->program : "?",
			  f->why_unobserved ? f->why_unobserved : "not observed");
		for (u32 k = 0; k < f->nblind; k++)
			ok &= say(false, f->pid, f->blind[k].what, f->blind[k].why);
		for (u32 k = 0; k < f->ndropped; k++)
			ok &= say(false, f->pid, f->dropped[k].what, "events were dropped");
		if (f->observed)
			ok &= children_observed(r, f);
	}
	return ok;
}
