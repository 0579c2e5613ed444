/* SPDX-License-Identifier: MIT */
/* `pitfall rules`: the table of rules, for people or as JSON. Owns nothing; called from main.c. */
#include <getopt.h>
#include <string.h>
#include "cmd.h"
#include "rules/rule.h"

static int rules_json(void)
{
	json_t *list = json_array();
	int rc;

	for (unsigned i = 0; i < nrules; i++) {
		const struct rule *r = &rules[i];
		json_t *o = json_object(), *modes = json_array();

		if (r->modes & IN_AUDIT)
			json_array_append_new(modes, json_string("audit"));
		if (r->modes & IN_DIAGNOSE)
			json_array_append_new(modes, json_string("diagnose"));
		json_object_set_new(o, "rule", json_string(r->id));
		json_object_set_new(o, "pitfall",
				    r->pitfall ? json_integer(r->pitfall) : json_null());
		json_object_set_new(o, "family", json_string(family_name(r->family)));
		json_object_set_new(o, "severity", json_string(severity_name(r->severity)));
		json_object_set_new(o, "modes", modes);
		json_object_set_new(o, "summary", json_string(r->summary));
		json_array_append_new(list, o);
	}
	rc = json_dumpf(list, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(list);
	return rc ? STATUS_FAILED : 0;
}

static void rules_text(void)
{
	printf("%-24s %3s  %-9s %-8s %-14s %s\n", "rule", "No.", "family", "severity", "modes",
	       "says");
	for (unsigned i = 0; i < nrules; i++) {
		const struct rule *r = &rules[i];
		char number[12] = "-";

		if (r->pitfall)
			snprintf(number, sizeof(number), "%d", r->pitfall);
		printf("%-24s %3s  %-9s %-8s %-14s %s\n", r->id, number, family_name(r->family),
		       severity_name(r->severity),
		       r->modes == IN_BOTH    ? "audit,diagnose"
		       : r->modes == IN_AUDIT ? "audit"
					      : "diagnose",
		       r->summary);
	}
}

int cmd_rules(int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	bool json = false;
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			printf("Usage: pitfall rules [--json]\nLists the rules: catalogue number, "
			       "id, family, usual "
			       "severity, modes.\n");
			return 0;
		}
		if (c != 'j')
			return STATUS_FAILED;
		json = true;
	}
	if (optind < argc) {
		fprintf(stderr, "pitfall rules: what is '%s'?\n", argv[optind]);
		return STATUS_FAILED;
	}
	if (json)
		return rules_json();
	rules_text();
	return 0;
}
