/* SPDX-License-Identifier: MIT */
/* The table of rules, made of rules.def. Owns it; read by report.c and cmd_*.c; not signal-safe. */
#include <stdlib.h>
#include <string.h>
#include "rule.h"

#define RULE(sym, id, pitfall, family, severity, modes, summary)                                   \
	{id, pitfall, family, severity, modes, summary, rule_##sym, &text_##sym},
const struct rule rules[] = {
#include "rules.def"
};
const unsigned nrules = sizeof(rules) / sizeof(*rules);

const struct rule *rule_find(const char *what)
{
	char *end;
	long number = strtol(what, &end, 10);

	for (unsigned i = 0; i < nrules; i++)
		if (strcmp(rules[i].id, what) == 0 ||
		    (!*end && number > 0 && rules[i].pitfall == number))
			return &rules[i];
	return NULL;
}
