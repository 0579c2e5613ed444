/* SPDX-License-Identifier: MIT */
/* Suppression files: see suppress.h. Called from report.c and render.c; not signal-safe. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "rules/rule.h"
#include "suppress.h"
#include "util.h"

enum key { KEY_RULE, KEY_FUNCTION, KEY_FILE, KEY_MODULE, KEY_FINGERPRINT, KEYS };
#define LINE_MAX_BYTES 65536 /* a longer line is none of ours */
#define UNUSED_TOLD    10u

struct condition {
	enum key key;
	char *glob;
	struct condition *next;
};
struct suppression {
	struct condition *all;
	char *text; /* as written, to be named */
	unsigned line;
	u64 used;
	struct suppression *next;
};
struct suppressions {
	struct suppression *first, **end;
	char *path;
};

/* ---- reading -----------------------------------------------------------------------------------
 */
/* The next word of *S, quotes taken away; NULL at the end, and *BAD if a quote stays open. Cuts *S.
 * A backslash stays, for fnmatch, unless it is there to keep a quote. */
static char *next_word(char **s, bool *bad)
{
	char *from = *s + strspn(*s, " \t\r\n"), *to = from, *start = from;
	bool quoted = false;

	if (!*from || *from == '#')
		return NULL;
	for (; *from && (quoted || !strchr(" \t\r\n", *from)); from++) {
		if (*from == '\\' && from[1] == '"') {
			*to++ = *++from;
		} else if (*from == '\\' && from[1]) {
			*to++ = *from++;
			*to++ = *from;
		} else if (*from == '"') {
			quoted = !quoted;
		} else {
			*to++ = *from;
		}
	}
	*bad |= quoted;
	*s = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

static int take_word(struct suppression *p, char *word)
{
	static const char *const names[KEYS] = {"rule", "function", "file", "module",
						"fingerprint"};
	char *value = strchr(word, '=');
	int key = KEY_RULE;
	struct condition *c;

	if (value) {
		for (key = 0; key < KEYS; key++)
			if (strncmp(names[key], word, (size_t)(value - word)) == 0 &&
			    names[key][value - word] == '\0')
				break;
		value++;
	} else {
		value = word;
	}
	if (key == KEYS || !*value)
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*c = (struct condition){key, strdup(value), p->all};
	p->all = c;
	return c->glob ? 0 : -ENOMEM;
}

/* LINE as it was written: without its end, or a comment at it. */
static struct suppression *begin_entry(struct suppressions *s, const char *line, unsigned number)
{
	struct suppression *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->text = text_dup(line);
	p->line = number;
	*s->end = p;
	s->end = &p->next;
	return p;
}

static int take_line(struct suppressions *s, char *line, unsigned number, struct diag_out *d)
{
	struct suppression *p = NULL;
	bool open = false;
	char *word;
	int rc = 0;

	line[strcspn(line, "\r\n")] = '\0';
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	p = begin_entry(s, line, number);
	if (!p)
		return -ENOMEM;
	while (rc == 0 && (word = next_word(&line, &open))) {
		rc = open ? -EINVAL : take_word(p, word);
		if (rc == -EINVAL)
			diag_say(d, s->path, number,
				 open ? "'%s': a quote is not closed"
				      : "'%s' is no condition of a suppression (rule=, function=, "
					"file=, module=, fingerprint=, with a glob each)",
				 text_clean(word));
	}
	return rc;
}

static int read_lines(struct suppressions *s, FILE *in, struct diag_out *d)
{
	char *line = malloc(LINE_MAX_BYTES);
	unsigned number = 0;
	int rc = line ? 0 : -ENOMEM;

	while (rc == 0 && fgets(line, LINE_MAX_BYTES, in)) {
		number++;
		if (strlen(line) == LINE_MAX_BYTES - 1) {
			diag_say(d, s->path, number, "a line too long to be a suppression");
			rc = -EINVAL;
		} else {
			rc = take_line(s, line, number, d);
		}
	}
	if (rc == 0 && ferror(in)) {
		rc = errno ? -errno : -EIO;
		diag_say(d, s->path, 0, "%s", strerror(-rc));
	}
	free(line);
	return rc;
}

int suppressions_load(struct suppressions **out, const char *path, struct diag_out *d)
{
	struct suppressions *s = calloc(1, sizeof(*s));
	FILE *in = s ? fopen(path, "re") : NULL;
	int rc = in ? 0 : s ? -errno : -ENOMEM;

	*out = NULL;
	if (rc)
		diag_say(d, path, 0, "%s", strerror(-rc));
	if (s) {
		s->end = &s->first;
		s->path = text_dup(path);
	}
	if (in) {
		rc = read_lines(s, in, d);
		fclose(in);
	}
	if (rc)
		suppressions_free(s);
	else
		*out = s;
	return rc;
}

void suppressions_free(struct suppressions *s)
{
	for (struct suppression *p = s ? s->first : NULL, *next; p; p = next) {
		next = p->next;
		for (struct condition *c = p->all, *after; c; c = after) {
			after = c->next;
			free(c->glob);
			free(c);
		}
		free(p->text);
		free(p);
	}
	if (s)
		free(s->path);
	free(s);
}

/* ---- matching ----------------------------------------------------------------------------------
 */
static bool glob_holds(const char *glob, const char *text)
{
	return text && fnmatch(glob, text, 0) == 0;
}

static bool frames_hold(const struct condition *c, const struct frames *f)
{
	for (u32 i = 0; i < f->n; i++) {
		const struct frame *x = &f->f[i];
		const char *text = c->key == KEY_FUNCTION ? x->function
				   : c->key == KEY_FILE	  ? x->file
							  : x->module;

		if (glob_holds(c->glob, text))
			return true;
		if (text && c->key != KEY_FUNCTION && glob_holds(c->glob, path_base(text)))
			return true;
	}
	return false;
}

static bool condition_holds(const struct condition *c, const struct diagnosis *d)
{
	bool holds = false;
	char number[16];

	if (c->key == KEY_FINGERPRINT)
		return glob_holds(c->glob, d->fingerprint);
	if (c->key == KEY_RULE) {
		snprintf(number, sizeof(number), "%d", d->rule->pitfall);
		return glob_holds(c->glob, d->rule->id) ||
		       (d->rule->pitfall && strcmp(c->glob, number) == 0);
	}
	for (u32 i = 0; !holds && i < d->nobjects; i++)
		holds = frames_hold(c, &d->object[i].created);
	for (u32 i = 0; !holds && i < d->nthreads; i++)
		holds = frames_hold(c, &d->thread[i].created);
	for (u32 i = 0; !holds && i < d->nevidence; i++)
		holds = frames_hold(c, &d->evidence[i].stack);
	return holds;
}

bool suppressions_match(struct suppressions *s, const struct diagnosis *d)
{
	bool any = false;

	for (struct suppression *p = s ? s->first : NULL; p; p = p->next) {
		bool all = true;

		for (const struct condition *c = p->all; all && c; c = c->next)
			all = condition_holds(c, d);
		p->used += all;
		any |= all;
	}
	return any;
}

void suppressions_tell_unused(const struct suppressions *s, struct diag_out *d)
{
	unsigned more = 0, said = 0;

	for (const struct suppression *p = s ? s->first : NULL; p; p = p->next) {
		if (p->used)
			continue;
		if (said++ < UNUSED_TOLD)
			diag_say(d, s->path, p->line, "note: nothing was suppressed by '%s'",
				 p->text ? p->text : "");
		else
			more++;
	}
	if (more)
		diag_say(d, s->path, 0, "note: nor by %u more of its entries", more);
}

/* ---- writing -----------------------------------------------------------------------------------
 */
/* As one word that matches TEXT alone. */
static void write_glob(FILE *to, const char *text)
{
	fputc('"', to);
	for (const char *c = text; *c; c++) {
		if (strchr("*?[]\\\"", *c))
			fputc('\\', to);
		fputc(*c, to);
	}
	fputc('"', to);
}

/* Functions where it happens, the first of the program's own of each stack, for those who want an
 * entry by name. */
static void write_by_name(const struct diagnosis *d, FILE *to)
{
	const char *said[4];
	u32 n = 0;

	for (u32 i = 0; i < d->nevidence && n < 4; i++) {
		const struct frame *f = frames_program(&d->evidence[i].stack);
		bool known = !f || !f->function;

		for (u32 k = 0; !known && k < n; k++)
			known = strcmp(said[k], f->function) == 0;
		if (!known)
			said[n++] = f->function;
	}
	if (!n)
		return;
	fprintf(to, "# wider, by name: rule=%s", d->rule->id);
	for (u32 i = 0; i < n; i++) {
		fputs(" function=", to);
		write_glob(to, said[i]);
	}
	fputc('\n', to);
}

int render_suppressions(const struct report *r, FILE *to)
{
	fprintf(to, "# %u suppression%s, made by pitfall --gen-suppressions\n", r->ndiags,
		r->ndiags == 1 ? "" : "s");
	for (u32 i = 0; i < r->ndiags; i++) {
		const struct diagnosis *d = &r->diag[i];
		bool known = false;

		for (u32 k = 0; !known && k < i; k++) /* the same fault, in another process */
			known = strcmp(r->diag[k].fingerprint, d->fingerprint) == 0 &&
				r->diag[k].rule == d->rule;
		if (known)
			continue;
		fprintf(to, "\n# %s: %s\n", severity_name(d->severity),
			d->title ? d->title : d->rule->summary);
		write_by_name(d, to);
		if (d->by_build)
			fputs("# holds for this build only: its places have no names\n", to);
		fprintf(to, "rule=%s fingerprint=%s\n", d->rule->id, d->fingerprint);
	}
	return 0;
}
