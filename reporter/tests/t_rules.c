/* SPDX-License-Identifier: MIT */
/*
 * Every rule against small hand-written traces: traces/RULE/NAME.jsonl, and NAME.expect with what
 *must come out: error deadlock		a diagnosis of that severity and rule; all of them, once
 *each; none: nothing is found has TEXT		TEXT occurs in the text report RULE=x in the
 *environment runs that directory alone. Run from the root of the tree (or PITFALL_TRACES=DIR).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "render.h"
#include "rules/builder.h"

#define LINES 64

static glob_t traces;

static struct report *report_of(const char *path)
{
	struct diag_out quiet = {0};
	struct report_options o = {.out = &quiet};
	char *paths[] = {(char *)path};
	struct report *r = NULL;

	if (report_build(&r, paths, 1, &o) != 0)
		fail_msg("%s: no report", path);
	if (quiet.said)
		fail_msg("%s: %u complaints", path, quiet.said);
	return r;
}

static char *text_of(const struct report *r)
{
	struct render_options o = {.verbose = true};
	size_t size;
	char *text = NULL;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	assert_int_equal(report_render(r, FORMAT_TEXT, to, &o), 0);
	fclose(to);
	return text;
}

/* The expectation's lines, without their ends. */
static int expectations(const char *path, char line[LINES][256])
{
	char file[512];
	FILE *in;
	int n = 0;

	snprintf(file, sizeof(file), "%.*s.expect", (int)(strlen(path) - strlen(".jsonl")), path);
	in = fopen(file, "re");
	if (!in)
		fail_msg("%s is missing", file);
	while (n < LINES && fgets(line[n], 256, in)) {
		line[n][strcspn(line[n], "\n")] = '\0';
		n += line[n][0] != '\0';
	}
	fclose(in);
	return n;
}

static bool take(const struct report *r, const char *want, bool *taken)
{
	char have[128];

	for (u32 i = 0; i < r->ndiags; i++) {
		snprintf(have, sizeof(have), "%s %s", severity_name(r->diag[i].severity),
			 r->diag[i].rule->id);
		if (!taken[i] && strcmp(have, want) == 0)
			return taken[i] = true;
	}
	return false;
}

static void trace_gives_what_is_expected(void **state)
{
	const char *path = *state;
	char line[LINES][256];
	int n = expectations(path, line);
	struct report *r = report_of(path);
	bool taken[LINES] = {0};
	char *text = text_of(r);

	assert_true(r->ndiags <= LINES);
	for (int i = 0; i < n; i++) {
		if (strncmp(line[i], "has ", 4) == 0) {
			if (!strstr(text, line[i] + 4))
				fail_msg("%s: '%s' is not in\n%s", path, line[i] + 4, text);
		} else if (!take(r, line[i], taken)) {
			fail_msg("%s: expected '%s', got\n%s", path, line[i], text);
		}
	}
	for (u32 i = 0; i < r->ndiags; i++)
		if (!taken[i])
			fail_msg("%s: unexpected %s %s\n%s", path,
				 severity_name(r->diag[i].severity), r->diag[i].rule->id, text);
	free(text);
	report_free(r);
}

static bool speaks(const char *path, const char *id)
{
	struct report *r = report_of(path);
	bool found = false;

	for (u32 i = 0; i < r->ndiags; i++)
		found |= strcmp(r->diag[i].rule->id, id) == 0;
	report_free(r);
	return found;
}

/* No rule without a trace that makes it speak and one that does not. */
static void each_rule_is_tested_both_ways(void **state)
{
	const char *only = getenv("RULE");

	(void)state;
	for (unsigned i = 0; i < nrules; i++) {
		unsigned spoke = 0, silent = 0;
		char dir[128];

		if (only && *only && strcmp(only, rules[i].id) != 0)
			continue;
		snprintf(dir, sizeof(dir), "/%s/", rules[i].id);
		for (size_t k = 0; k < traces.gl_pathc; k++) {
			if (!strstr(traces.gl_pathv[k], dir))
				continue;
			if (speaks(traces.gl_pathv[k], rules[i].id))
				spoke++;
			else
				silent++;
		}
		if (!spoke || !silent)
			fail_msg("rule %s: %u traces make it speak, %u leave it silent",
				 rules[i].id, spoke, silent);
	}
}

static void each_rule_says_all_it_should(void **state)
{
	(void)state;
	for (size_t k = 0; k < traces.gl_pathc; k++) {
		struct report *r = report_of(traces.gl_pathv[k]);

		for (u32 i = 0; i < r->ndiags; i++) {
			const struct diagnosis *d = &r->diag[i];

			if (!d->title || !d->what || !d->why || !d->fix || !d->nevidence ||
			    !d->count)
				fail_msg("%s: %s leaves something out", traces.gl_pathv[k],
					 d->rule->id);
		}
		report_free(r);
	}
}

static void explains_names_rules_that_exist(void **state)
{
	static const char *const ids[] = {
#define EXPLAINS(speaks, silent) speaks, silent,
#include "rules/explains.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (!rule_find(ids[i]))
			fail_msg("explains.def: no rule %s", ids[i]);
}

static void numbers_and_ids_are_unique(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nrules; i++) {
		const struct rule_text *t = rules[i].text;

		assert_ptr_equal(rule_find(rules[i].id), &rules[i]);
		assert_true(t->means && t->evidence && t->silent && t->fix && t->example);
		for (unsigned k = 0; k < i; k++)
			assert_true(!rules[i].pitfall || rules[i].pitfall != rules[k].pitfall);
	}
}

int main(void)
{
	static struct CMUnitTest tests[2048];
	const char *rule = getenv("RULE"), *root = getenv("PITFALL_TRACES");
	char pattern[512];
	size_t n = 0;

	snprintf(pattern, sizeof(pattern), "%s/%s/*.jsonl", root ? root : "reporter/tests/traces",
		 rule && *rule ? rule : "*");
	if (glob(pattern, 0, NULL, &traces) != 0 || traces.gl_pathc == 0) {
		fprintf(stderr, "t_rules: no trace matches %s\n", pattern);
		return 1;
	}
	for (size_t i = 0; i < traces.gl_pathc && n < 2000; i++)
		tests[n++] = (struct CMUnitTest){traces.gl_pathv[i], trace_gives_what_is_expected,
						 NULL, NULL, traces.gl_pathv[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(each_rule_is_tested_both_ways);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(each_rule_says_all_it_should);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(explains_names_rules_that_exist);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(numbers_and_ids_are_unique);
	return _cmocka_run_group_tests("rules", tests, n, NULL, NULL);
}
