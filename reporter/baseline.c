/* SPDX-License-Identifier: MIT */
/* Baselines: see baseline.h. Not signal-safe. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "baseline.h"
#include "rules/rule.h"
#include "util.h"

struct baseline {
	char *path;
	json_t *known;	    /* "rule fingerprint" → true, or false if it holds for a build only */
	unsigned by_build;  /* of these, never met */
	unsigned uncertain; /* new ones without names */
};

static char *key_of(char *key, size_t size, const char *rule, const char *fingerprint)
{
	snprintf(key, size, "%s %s", rule, fingerprint);
	return key;
}

static const char *string_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* NULL, or what is wrong. */
static const char *take(struct baseline *b, const json_t *report)
{
	const json_t *list = json_object_get(report, "diagnoses"), *d;
	const char *schema = string_of(report, "schema");
	char key[256];
	size_t i;

	if (!schema || strcmp(schema, "pitfall-report/1") != 0)
		return "its schema is not pitfall-report/1";
	if (!json_is_array(list))
		return "it has no diagnoses";
	json_array_foreach (list, i, d) {
		const char *fingerprint = string_of(d, "fingerprint"), *rule = string_of(d, "rule"),
			   *stability = string_of(d, "stability");
		bool build = stability && strcmp(stability, "build") == 0;

		if (!fingerprint || !rule)
			return "a diagnosis without rule or fingerprint";
		b->by_build += build;
		json_object_set_new(b->known, key_of(key, sizeof(key), rule, fingerprint),
				    json_boolean(!build));
	}
	return NULL;
}

int baseline_load(struct baseline **out, const char *path, struct diag_out *d)
{
	struct baseline *b = calloc(1, sizeof(*b));
	FILE *in = b ? fopen(path, "re") : NULL;
	const char *wrong = NULL;
	json_error_t e = {0};
	json_t *report;

	*out = NULL;
	if (!b)
		return -ENOMEM;
	b->path = strdup(path);
	b->known = json_object();
	report = in ? json_loadf(in, 0, &e) : NULL;
	if (!in)
		diag_say(d, path, 0, "no baseline: %s", strerror(errno));
	else if (!report)
		diag_say(d, path, e.line > 0 ? (unsigned)e.line : 0, "no baseline: %s",
			 text_clean(e.text));
	else if ((wrong = take(b, report)))
		diag_say(d, path, 0, "no baseline: %s", wrong);
	if (in)
		fclose(in);
	json_decref(report);
	if (!report || wrong) {
		baseline_free(b);
		return -EINVAL;
	}
	*out = b;
	return 0;
}

bool baseline_knows(struct baseline *b, const struct diagnosis *d)
{
	const json_t *known;
	char key[256];

	if (!b)
		return false;
	known = json_object_get(b->known, key_of(key, sizeof(key), d->rule->id, d->fingerprint));
	if (known && json_is_true(known) == !d->by_build) {
		b->by_build -= d->by_build && b->by_build;
		return true;
	}
	b->uncertain += d->by_build;
	return false;
}

void baseline_tell(const struct baseline *b, struct diag_out *d)
{
	if (b && b->by_build && b->uncertain)
		diag_say(
		    d, b->path, 0,
		    "note: %u of its faults have no names and hold for one build only; if this "
		    "is another build, they come up as new",
		    b->by_build);
}

void baseline_free(struct baseline *b)
{
	if (!b)
		return;
	json_decref(b->known);
	free(b->path);
	free(b);
}
