/* SPDX-License-Identifier: MIT */
/* `pitfall explain RULE|NUMBER`: what a rule means, in the words that stand beside it. Called from
 * main.c. */
#include <string.h>
#include "cmd.h"
#include "rules/rule.h"

#define WIDTH 78

static void paragraph(const char *title, const char *s)
{
	int at = 0;

	printf("\n%s\n", title);
	while (*s) {
		int len = (int)strcspn(s, " ");

		if (at && at + 1 + len > WIDTH) {
			putchar('\n');
			at = 0;
		}
		at += printf("%s%.*s", at ? " " : "  ", len, s);
		s += len;
		s += strspn(s, " ");
	}
	putchar('\n');
}

static void example(const char *s)
{
	printf("\nFor example\n");
	while (*s) {
		int len = (int)strcspn(s, "\n");

		printf("    %.*s\n", len, s);
		s += len + (s[len] == '\n');
	}
}

int cmd_explain(int argc, char **argv)
{
	const struct rule *r;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("Usage: pitfall explain RULE|NUMBER\nSays what a rule means, what it needs "
		       "to see, when it is "
		       "silent and how to fix it.\n`pitfall rules` lists them.\n");
		return 0;
	}
	if (argc != 2) {
		fprintf(stderr, "pitfall explain: give one rule or catalogue number (pitfall rules "
				"lists them)\n");
		return STATUS_FAILED;
	}
	r = rule_find(argv[1]);
	if (!r) {
		fprintf(stderr, "pitfall explain: no rule '%s' (pitfall rules lists them)\n",
			argv[1]);
		return STATUS_FAILED;
	}
	printf("%s", r->id);
	if (r->pitfall)
		printf(", pitfall %d", r->pitfall);
	printf(" (%s, usually %s)\n  %s\n", family_name(r->family), severity_name(r->severity),
	       r->summary);
	paragraph("What it means", r->text->means);
	paragraph("What must have been seen", r->text->evidence);
	paragraph("When it is silent", r->text->silent);
	paragraph("How to fix it", r->text->fix);
	example(r->text->example);
	return 0;
}
