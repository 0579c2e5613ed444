/* SPDX-License-Identifier: MIT */
/*
 * The text report, for a person at two in the morning: a verdict first, then what is wrong, worst
 * first, with the program's own lines; notes folded; what could not be seen at the end. Owns
 * nothing; called from render.c and cmd_*.c; not signal-safe.
 */
#include <stdlib.h>
#include <string.h>
#include "render_priv.h"
#include "rules/rule.h"
#include "source.h"
#include "util.h"

#define WIDTH 100
#define SHOWN 64 /* source lines remembered as shown in one diagnosis */

struct text {
	FILE *to;
	const struct render_options *o;
	struct {
		const char *file;
		int line;
	} shown[SHOWN];
	unsigned nshown;
};

enum { RED = 31, YELLOW = 33, CYAN = 36, BOLD = 1, DIM = 2 };

static void paint(const struct text *x, int code)
{
	if (x->o->colour)
		fprintf(x->to, "\033[%dm", code);
}

/* Words of S from column COL on, further lines indented to COL. */
static void wrap(const struct text *x, int col, const char *s)
{
	int at = col; /* a short prefix may go over the edge by its own width */

	while (s && *s) {
		int len = (int)strcspn(s, " "), width = 0;

		for (int i = 0; i < len; i++)
			width += ((unsigned char)s[i] & 0xc0) != 0x80;
		if (at > col && at + 1 + width > WIDTH) {
			fprintf(x->to, "\n%*s", col, "");
			at = col;
		} else if (at > col) {
			fputc(' ', x->to);
			at++;
		}
		fwrite(s, 1, (size_t)len, x->to);
		at += width;
		s += len;
		s += strspn(s, " ");
	}
	fputc('\n', x->to);
}

/* ---- frames ------------------------------------------------------------------------------------
 */
static bool shown_before(struct text *x, const struct frame *f)
{
	for (unsigned i = 0; i < x->nshown; i++)
		if (x->shown[i].file == f->file && x->shown[i].line == f->line)
			return true;
	if (x->nshown < SHOWN) {
		x->shown[x->nshown].file = f->file;
		x->shown[x->nshown++].line = f->line;
	}
	return false;
}

static void source_show(struct text *x, const struct frame *f, int indent)
{
	int len;

	if (!f->program || !f->file || shown_before(x, f))
		return;
	for (int n = f->line - 1; n <= f->line + 1; n++) {
		const char *line = source_line(f->file, n, &len);

		if (!line)
			continue;
		paint(x, n == f->line ? BOLD : DIM);
		fprintf(x->to, "%*s%c%5d | ", indent, "", n == f->line ? '>' : ' ', n);
		for (int i = 0, col = 0; i < len && col < WIDTH; i++) {
			unsigned char c = (unsigned char)line[i];

			if (c == '\t') {
				do
					fputc(' ', x->to);
				while (++col % 8);
			} else {
				fputc(c < 0x20 || c == 0x7f ? '?' : c, x->to);
				col++;
			}
		}
		paint(x, 0);
		fputc('\n', x->to);
	}
}

static void frame_show(struct text *x, unsigned number, const struct frame *f, int indent)
{
	fprintf(x->to, "%*s#%-2u ", indent, "", number);
	if (f->function)
		fprintf(x->to, "%s", f->function);
	if (f->function && f->file)
		fprintf(x->to, "  %s:%d", f->file, f->line);
	else
		fprintf(x->to, "%s%s+0x%llx", f->function ? "  " : "", f->module ? f->module : "?",
			(unsigned long long)f->offset);
	fprintf(x->to, "%s\n", f->inlined ? "  (inlined)" : "");
	source_show(x, f, indent + 4);
}

/* Library code outside of the program's last own frame tells nothing; --verbose has it. */
static void stack_show(struct text *x, const struct frames *f, int indent)
{
	u32 n = f->n;

	while (n && !f->f[n - 1].program && !x->o->verbose)
		n--;
	n = n ? n : f->n;
	for (u32 i = 0; i < n; i++)
		frame_show(x, i, &f->f[i], indent);
	if (n < f->n)
		fprintf(x->to, "%*s… %u more in libraries\n", indent, "", f->n - n);
}

void render_frames(FILE *to, const struct frames *f, int indent, const struct render_options *o)
{
	struct text x = {.to = to, .o = o};

	stack_show(&x, f, indent);
}

/* ---- one diagnosis -----------------------------------------------------------------------------
 */
static int severity_colour(enum severity s)
{
	return s == SEV_ERROR ? RED : s == SEV_WARNING ? YELLOW : CYAN;
}

static void head_show(struct text *x, const struct diagnosis *d)
{
	paint(x, severity_colour(d->severity));
	paint(x, BOLD);
	fprintf(x->to, "%s",
		d->severity == SEV_ERROR     ? "ERROR"
		: d->severity == SEV_WARNING ? "WARNING"
					     : "NOTE");
	paint(x, 0);
	fprintf(x->to, "  ");
	paint(x, BOLD);
	fprintf(x->to, "%s", d->title ? d->title : d->rule->summary);
	paint(x, 0);
	fprintf(x->to, "\n  rule %s", d->rule->id);
	if (d->rule->pitfall)
		fprintf(x->to, " (pitfall %d)", d->rule->pitfall);
	fprintf(x->to, ", %s", confidence_name(d->confidence));
	if (d->count > 1)
		fprintf(x->to, ", %llu times", (unsigned long long)d->count);
	fputc('\n', x->to);
}

static void sentence_show(struct text *x, const char *label, const char *s)
{
	if (!s || !*s)
		return;
	fprintf(x->to, "  ");
	paint(x, BOLD);
	fprintf(x->to, "%-5s ", label);
	paint(x, 0);
	wrap(x, 8, s);
}

static bool frames_same(const struct frames *a, const struct frames *b)
{
	if (!a || a->n != b->n || !a->n)
		return false;
	for (u32 i = 0; i < a->n; i++)
		if (a->f[i].module != b->f[i].module || a->f[i].offset != b->f[i].offset ||
		    a->f[i].function != b->f[i].function || a->f[i].line != b->f[i].line)
			return false;
	return true;
}

/* Ends the line of a thing, and shows where it was born unless the one before was born there, too.
 */
static void birth_show(struct text *x, const char *how, const struct frames *f,
		       const struct frames *before)
{
	bool same = frames_same(before, f);

	if (f->n)
		fprintf(x->to, ", %s%s", how, same ? " the same place" : "");
	fputc('\n', x->to);
	if (!same)
		stack_show(x, f, 6);
}

static void object_show(struct text *x, const struct diag_object *o)
{
	bool says_kind = o->name && (strstr(o->name, o->kind) || strcmp(o->kind, "fd") == 0);

	fprintf(x->to, "%s%s%s", says_kind ? "" : o->kind, says_kind ? "" : " ",
		o->name ? o->name : "");
}

/* Objects of one birth share a line and its stack; at most NAMED are named. Returns how many it
 * showed. */
static u32 objects_show(struct text *x, const struct diagnosis *d, u32 from)
{
	enum { NAMED = 6 };
	const struct diag_object *o = &d->object[from];
	u32 n = 1;

	while (from + n < d->nobjects && frames_same(&o->created, &o[n].created))
		n++;
	fputs("  ", x->to);
	for (u32 i = 0; i < n && i < NAMED; i++) {
		fputs(i ? ", " : "", x->to);
		object_show(x, &o[i]);
	}
	if (n > NAMED)
		fprintf(x->to, " and %u more", n - NAMED);
	birth_show(x, "from", &o->created, NULL);
	return n;
}

static void things_show(struct text *x, const struct diagnosis *d)
{
	for (u32 i = 0; i < d->nobjects;)
		i += objects_show(x, d, i);
	for (u32 i = 0; i < d->nthreads; i++) {
		const struct diag_thread *t = &d->thread[i];

		fprintf(x->to, "  thread %u", t->serial);
		if (t->name)
			fprintf(x->to, " '%s'", t->name);
		if (t->start)
			fprintf(x->to, ", runs %s", t->start);
		if (t->tid)
			fprintf(x->to, ", tid %u", t->tid);
		birth_show(x, "started from", &t->created, i ? &d->thread[i - 1].created : NULL);
	}
}

static void evidence_show(struct text *x, const struct report *r, const struct diagnosis *d)
{
	for (u32 i = 0; i < d->nevidence; i++) {
		const struct diag_evidence *e = &d->evidence[i];
		double t = report_time(r, d->process, e->t);

		fprintf(x->to, "  - ");
		if (t >= 0)
			fprintf(x->to, "+%.3f s ", t);
		wrap(x, 4, e->what);
		stack_show(x, &e->stack, 6);
	}
	if (d->more)
		fprintf(x->to, "  … and %u more of the same kind\n", d->more);
}

void render_diagnosis(const struct report *r, const struct diagnosis *d, FILE *to,
		      const struct render_options *o)
{
	struct text x = {.to = to, .o = o};

	head_show(&x, d);
	sentence_show(&x, "What", d->what);
	sentence_show(&x, "Why", d->why);
	sentence_show(&x, "Fix", d->fix);
	evidence_show(&x, r, d);
	things_show(&x, d);
}

/* ---- the whole ---------------------------------------------------------------------------------
 */
/* As it was called: /usr/bin/redis-server may be another name of redis-check-rdb. */
static const char *process_name(const struct process_facts *f)
{
	const char *base = path_base(f->program);

	return f->comm && *f->comm && strncmp(f->comm, base, strlen(f->comm)) != 0 ? f->comm : base;
}

static void process_show(const struct text *x, const struct process_facts *f)
{
	char buf[64];

	fprintf(x->to, "%s (pid %d", process_name(f), f->pid);
	if (!f->observed) {
		fprintf(x->to, ", not observed)");
		return;
	}
	if (f->ended == ENDED_EXIT && f->has_status)
		fprintf(x->to, ", exit status %d", f->status);
	else if (f->ended == ENDED_SIGNAL)
		fprintf(x->to, ", died of signal %d (%s)", f->status, strsignal(f->status));
	else
		fprintf(x->to, ", %s",
			f->ended == ENDED_EXEC ? "became another program" : ended_name(f->ended));
	if (f->ended_at > f->started)
		fprintf(x->to, ", %s %s",
			f->ended == ENDED_RUNNING  ? "for"
			: f->ended == ENDED_KILLED ? "last heard of after"
						   : "ran",
			duration_text(f->ended_at - f->started, buf, sizeof(buf)));
	fputc(')', x->to);
}

static void count_show(const struct text *x, const char **sep, unsigned n, const char *what,
		       int colour)
{
	if (!n)
		return;
	fprintf(x->to, "%s", *sep);
	paint(x, colour);
	fprintf(x->to, "%u %s%s", n, what, n == 1 ? "" : "s");
	paint(x, 0);
	*sep = ", ";
}

static void verdict_show(const struct text *x, const struct report *r)
{
	const char *sep = "";
	u32 unseen = 0;

	for (u32 i = 0; i < r->nprocesses; i++)
		unseen += !r->process[i].observed;
	fprintf(x->to, "pitfall: ");
	if (r->ndiags == 0)
		fprintf(x->to, "%s",
			unseen && unseen == r->nprocesses ? "nothing was observed"
			: r->known			  ? "nothing new found"
							  : "nothing wrong found");
	count_show(x, &sep, r->errors, "error", RED);
	count_show(x, &sep, r->warnings, "warning", YELLOW);
	count_show(x, &sep, r->notes, "note", CYAN);
	fprintf(x->to, " in ");
	if (r->nprocesses == 1)
		process_show(x, &r->process[0]);
	else
		fprintf(x->to, "%u processes", r->nprocesses);
	if (r->suppressed)
		fprintf(x->to, ", %u suppressed", r->suppressed);
	if (r->known)
		fprintf(x->to, ", %u known", r->known);
	fputc('\n', x->to);
}

/* The same fault, maybe in another process. */
static bool same_fault(const struct diagnosis *a, const struct diagnosis *b)
{
	return a->severity == b->severity && strcmp(a->fingerprint, b->fingerprint) == 0;
}

static bool told_before(const struct report *r, u32 i)
{
	for (u32 k = 0; k < i; k++)
		if (same_fault(&r->diag[k], &r->diag[i]))
			return true;
	return false;
}

/* Of one fault in several processes the first is told in full, and the others are named. */
static void where_show(const struct text *x, const struct report *r, u32 i)
{
	enum { NAMED = 8 };
	const struct diagnosis *d = &r->diag[i];
	u64 count = d->count;
	u32 others = 0;

	if (r->nprocesses == 1)
		return;
	for (u32 k = i + 1; k < r->ndiags; k++) {
		if (!same_fault(&r->diag[k], d))
			continue;
		others++;
		count += r->diag[k].count;
	}
	fprintf(x->to, "  in ");
	if (others)
		fprintf(x->to, "%u processes: ", others + 1);
	process_show(x, &r->process[d->process]);
	for (u32 k = i + 1, named = 0; k < r->ndiags && named < NAMED; k++)
		if (same_fault(&r->diag[k], d))
			fprintf(x->to, "%s%d", named++ ? ", " : ", and pid ",
				r->process[r->diag[k].process].pid);
	if (others > NAMED)
		fprintf(x->to, " and %u more", others - NAMED);
	if (others && count > others + 1)
		fprintf(x->to, "; %llu times in all", (unsigned long long)count);
	fputc('\n', x->to);
}

static u32 processes_of(const struct report *r, u32 i)
{
	u32 n = 1;

	for (u32 k = i + 1; k < r->ndiags; k++)
		n += same_fault(&r->diag[k], &r->diag[i]);
	return n;
}

static void notes_show(struct text *x, const struct report *r)
{
	bool begun = false;

	for (u32 i = 0; i < r->ndiags; i++) {
		const struct diagnosis *d = &r->diag[i];

		if (d->severity != SEV_NOTE || told_before(r, i))
			continue;
		if (!begun)
			fprintf(x->to, "\nNotes (in full with --verbose)\n");
		begun = true;
		fprintf(x->to, "  - ");
		if (processes_of(r, i) > 1)
			fprintf(x->to, "in %u processes: ", processes_of(r, i));
		wrap(x, 4, d->title ? d->title : d->rule->summary);
	}
}

static void blind_show(const struct text *x, const struct process_facts *f)
{
	for (u32 i = 0; i < f->nblind; i++)
		fprintf(x->to, "  blind: %s: %s\n", f->blind[i].what, f->blind[i].why);
	for (u32 i = 0; i < f->ndropped; i++)
		fprintf(x->to, "  not recorded: %llu %s%s%s\n",
			(unsigned long long)f->dropped[i].count, f->dropped[i].what,
			*f->dropped[i].why ? ": " : "", f->dropped[i].why);
	if (f->torn_lines)
		fprintf(x->to, "  %llu lines were being written when it ended\n",
			(unsigned long long)f->torn_lines);
}

static void coverage_show(const struct text *x, const struct report *r)
{
	fputc('\n', x->to);
	for (u32 i = 0; i < r->nprocesses; i++) {
		const struct process_facts *f = &r->process[i];
		bool worth = !f->observed || f->nblind || f->ndropped || f->torn_lines;

		if (r->nprocesses > 1 && !worth)
			continue;
		paint(x, DIM);
		fprintf(x->to, "Coverage of ");
		process_show(x, f);
		if (!f->observed)
			fprintf(x->to, ": %s\n",
				f->why_unobserved ? f->why_unobserved : "unknown why");
		else
			fprintf(x->to, ": mode %s%s\n", f->mode, worth ? "" : ", nothing dropped");
		blind_show(x, f);
		paint(x, 0);
	}
}

int render_text(const struct report *r, FILE *to, const struct render_options *o)
{
	struct text x = {.to = to, .o = o};

	verdict_show(&x, r);
	for (u32 i = 0; i < r->ndiags; i++) {
		if ((r->diag[i].severity == SEV_NOTE && !o->verbose) || told_before(r, i))
			continue;
		fputc('\n', to);
		render_diagnosis(r, &r->diag[i], to, o);
		where_show(&x, r, i);
	}
	render_waits(r, to, o);
	if (!o->verbose)
		notes_show(&x, r);
	coverage_show(&x, r);
	return 0;
}
