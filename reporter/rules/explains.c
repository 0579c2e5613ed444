/* SPDX-License-Identifier: MIT */
/*
 * Who explains whom: applies explains.def to the drafts of one process. Owns nothing; called from
 * report.c after the last rule; not signal-safe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "builder.h"

static const struct {
	const char *speaks, *silent;
} explains[] = {
#define EXPLAINS(speaks, silent) {speaks, silent},
#include "explains.def"
};
#define NEXPLAINS (sizeof(explains) / sizeof(*explains))

static int key_compare(const void *a, const void *b)
{
	const struct about_key *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static bool may_explain(const char *speaks, const char *silent)
{
	for (size_t i = 0; i < NEXPLAINS; i++)
		if (strcmp(explains[i].speaks, speaks) == 0 &&
		    strcmp(explains[i].silent, silent) == 0)
			return true;
	return false;
}

static bool key_spoken(const struct findings *all, const struct draft *f, const struct about_key *k)
{
	for (u32 i = 0; i < all->n; i++) {
		const struct draft *s = all->draft[i];

		/* a mere note does not silence more than a note */
		if (s->d.severity < f->d.severity && s->d.severity < SEV_WARNING)
			continue;
		if (s != f && s->nkeys && may_explain(s->d.rule->id, f->d.rule->id) &&
		    bsearch(k, s->key, s->nkeys, sizeof(*k), key_compare))
			return true;
	}
	return false;
}

/* For some kind of thing, all that the draft speaks about is spoken about by a better one. */
static bool is_explained(const struct findings *all, const struct draft *f)
{
	for (u32 i = 0; i < f->nkeys;) {
		u32 end = i, spoken = 0;

		for (; end < f->nkeys && f->key[end].kind == f->key[i].kind; end++)
			spoken += spoken == end - i && key_spoken(all, f, &f->key[end]);
		if (spoken == end - i)
			return true;
		i = end;
	}
	return false;
}

/* What was merged into it is counted, but not told. */
static void say_like(struct draft *f)
{
	char *what;

	if (!f->like || !f->d.what ||
	    asprintf(&what, "%s %u more like it, in the same functions, %s counted with it.",
		     f->d.what, f->like, f->like == 1 ? "is" : "are") < 0)
		return;
	free(f->d.what);
	f->d.what = what;
}

void findings_explain(struct findings *out)
{
	for (u32 i = 0; i < out->n; i++)
		if (out->draft[i]->nkeys)
			qsort(out->draft[i]->key, out->draft[i]->nkeys, sizeof(struct about_key),
			      key_compare);
	for (u32 i = 0; i < out->n; i++) {
		out->draft[i]->silenced = is_explained(out, out->draft[i]);
		say_like(out->draft[i]);
	}
}
