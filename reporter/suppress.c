/* SPDX-License-Identifier: MIT */
/* Suppression files: see suppress.h. Called from report.c; not signal-safe. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "rules/rule.h"
#include "suppress.h"
#include "util.h"

enum { KEY_RULE, KEY_FUNCTION, KEY_FILE, KEY_MODULE, KEYS };

struct suppression {
	char *glob[KEYS]; /* NULL: any */
	struct suppression *next;
};
struct suppressions {
	struct suppression *first;
};

/* The next word of *S, quotes taken away; NULL at the end. Cuts *S. */
static char *next_word(char **s)
{
	char *from = *s + strspn(*s, " \t\r\n"), *to = from, *start = from;
	bool quoted = false;

	if (!*from || *from == '#')
		return NULL;
	for (; *from && (quoted || !strchr(" \t\r\n", *from)); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*s = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

static int take_word(struct suppression *p, char *word)
{
	static const char *const names[KEYS] = {"rule", "function", "file", "module"};
	char *value = strchr(word, '=');
	int key = KEY_RULE;

	if (value) {
		*value++ = '\0';
		for (key = 0; key < KEYS && strcmp(names[key], word) != 0; key++)
			;
	} else {
		value = word;
	}
	if (key == KEYS || !*value || p->glob[key])
		return -EINVAL;
	p->glob[key] = strdup(value);
	return p->glob[key] ? 0 : -ENOMEM;
}

static int take_line(struct suppressions *s, char *line)
{
	struct suppression *p = NULL;
	char *word;
	int rc;

	while ((word = next_word(&line))) {
		if (!p) {
			p = calloc(1, sizeof(*p));
			if (!p)
				return -ENOMEM;
			p->next = s->first;
			s->first = p;
		}
		rc = take_word(p, word);
		if (rc)
			return rc;
	}
	return 0;
}

int suppressions_load(struct suppressions **out, const char *path, struct diag_out *d)
{
	struct suppressions *s = calloc(1, sizeof(*s));
	FILE *in = fopen(path, "re");
	char *line = NULL;
	unsigned number = 0;
	size_t cap = 0;
	int rc = in && s ? 0 : in ? -ENOMEM : -errno;

	if (rc)
		diag_say(d, path, 0, "%s", strerror(-rc));
	while (rc == 0 && getline(&line, &cap, in) > 0) {
		number++;
		rc = take_line(s, line);
		if (rc == -EINVAL)
			diag_say(d, path, number,
				 "not a suppression (rule=, function=, file=, module= with a glob "
				 "each)");
	}
	free(line);
	if (in)
		fclose(in);
	if (rc) {
		suppressions_free(s);
		s = NULL;
	}
	*out = s;
	return rc;
}

void suppressions_free(struct suppressions *s)
{
	for (struct suppression *p = s ? s->first : NULL, *next; p; p = next) {
		next = p->next;
		for (int i = 0; i < KEYS; i++)
			free(p->glob[i]);
		free(p);
	}
	free(s);
}

static bool glob_holds(const char *glob, const char *text)
{
	return text && fnmatch(glob, text, 0) == 0;
}

static bool frames_hold(const char *glob, int key, const struct frames *f)
{
	for (u32 i = 0; i < f->n; i++) {
		const struct frame *x = &f->f[i];
		const char *text = key == KEY_FUNCTION ? x->function
				   : key == KEY_FILE   ? x->file
						       : x->module;

		if (glob_holds(glob, text))
			return true;
		if (text && key != KEY_FUNCTION && glob_holds(glob, path_base(text)))
			return true;
	}
	return false;
}

static bool key_holds(const char *glob, int key, const struct diagnosis *d)
{
	bool holds = false;
	char number[16];

	if (key == KEY_RULE) {
		snprintf(number, sizeof(number), "%d", d->rule->pitfall);
		return glob_holds(glob, d->rule->id) ||
		       (d->rule->pitfall && strcmp(glob, number) == 0);
	}
	for (u32 i = 0; !holds && i < d->nobjects; i++)
		holds = frames_hold(glob, key, &d->object[i].created);
	for (u32 i = 0; !holds && i < d->nthreads; i++)
		holds = frames_hold(glob, key, &d->thread[i].created);
	for (u32 i = 0; !holds && i < d->nevidence; i++)
		holds = frames_hold(glob, key, &d->evidence[i].stack);
	return holds;
}

bool suppressions_match(const struct suppressions *s, const struct diagnosis *d)
{
	for (const struct suppression *p = s ? s->first : NULL; p; p = p->next) {
		bool all = true;

		for (int i = 0; all && i < KEYS; i++)
			all = !p->glob[i] || key_holds(p->glob[i], i, d);
		if (all)
			return true;
	}
	return false;
}
