/* SPDX-License-Identifier: MIT */
/* What `pitfall run` learns while processes live: see seen.h. */
#include "seen.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "render.h"
#include "report.h"
#include "rules/rule.h"
#include "wake.h"

static struct model_process *load(const char *base)
{
	struct diag_out quiet = {0};
	struct model_process *p = NULL;
	char path[PATH_MAX * 2];

	snprintf(path, sizeof(path), "%s.jsonl", base);
	return trace_load(&p, path, &quiet) ? NULL : p;
}

static void say(const struct report *r, pid_t pid)
{
	const struct render_options style = {.colour = render_colour(stderr)};
	bool ring = false;

	for (u32 i = 0; i < r->ndiags; i++)
		ring |= strstr(r->diag[i].rule->id, "deadlock") != NULL;
	if (ring)
		fprintf(
		    stderr,
		    "pitfall: process %d is in a deadlock: no thread of the ring can ever go on\n",
		    pid);
	else
		fprintf(stderr, "pitfall: process %d is stuck: no thread of it can ever go on\n",
			pid);
	for (u32 i = 0; i < r->ndiags; i++)
		render_diagnosis(r, &r->diag[i], stderr, &style);
	fflush(stderr);
}

/* No thread of it, or of a ring in it, can ever go on; not where others could still come by name.
 */
static bool is_for_good(const struct model_process *p)
{
	struct wake k;
	bool stuck = false, named = false;

	if (!wake_make(&k, p)) {
		for (u32 i = 0; i < k.n; i++) {
			stuck |= k.thread[i].ring && k.thread[i].stuck == WAKE_CERTAIN;
			named |= k.thread[i].named;
		}
		stuck |= k.whole && !named;
	}
	wake_free(&k);
	return stuck;
}

/* What hides a diagnosis hides the saying, not the fact. */
bool seen_hung(const char *base, pid_t pid, const struct report_options *o)
{
	struct report_options shown = *o;
	struct model_process *p = load(base);
	struct report *r = NULL;
	bool stuck;

	if (!p)
		return false;
	kernel_save(p, base);
	stuck = is_for_good(p);
	shown.only_rules = "deadlock,self-deadlock,stuck-thread,lost-wakeup,send-blocks-shutdown";
	if (stuck && !report_process(&r, p, &shown) && r->ndiags)
		say(r, pid);
	report_free(r);
	process_free(p);
	return stuck;
}

void seen_last(const char *base)
{
	struct model_process *p = load(base);

	if (!p)
		return;
	kernel_save(p, base);
	process_free(p);
}
