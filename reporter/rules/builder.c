/* SPDX-License-Identifier: MIT */
/*
 * How rules make diagnoses: rule.h. Owns the drafts of one process until report.c takes the
 * diagnoses over. Stacks are copied out of the model here. Not signal-safe.
 */
#include <stdlib.h>
#include <string.h>
#include "builder.h"
#include "fingerprint.h"
#include "util.h"

#define OBJECTS_MAX  16u
#define THREADS_MAX  16u
#define EVIDENCE_MAX 48u /* a ring of 24 locks */
#define KEYS_MAX     (1u << 20)
#define CYCLE_MAX    256u

static struct draft *draft_of(struct diagnosis *d)
{
	return (struct draft *)d;
}

static struct frames frames_copy(const struct frames *f)
{
	struct frame *copy = f->n ? malloc(f->n * sizeof(*copy)) : NULL;

	if (!copy)
		return (struct frames){0};
	memcpy(copy, f->f, f->n * sizeof(*copy));
	return (struct frames){f->n, copy};
}

/* ---- life of a draft ---------------------------------------------------------------------------
 */
void diagnosis_free(struct diagnosis *d)
{
	for (u32 i = 0; i < d->nobjects; i++) {
		free(d->object[i].name);
		free((void *)d->object[i].created.f);
	}
	for (u32 i = 0; i < d->nthreads; i++) {
		free(d->thread[i].name);
		free(d->thread[i].start);
		free((void *)d->thread[i].created.f);
	}
	for (u32 i = 0; i < d->nevidence; i++) {
		free(d->evidence[i].what);
		free((void *)d->evidence[i].stack.f);
	}
	free(d->object);
	free(d->thread);
	free(d->evidence);
	free(d->title);
	free(d->what);
	free(d->why);
	free(d->fix);
	memset(d, 0, sizeof(*d));
}

static void draft_free(struct draft *f)
{
	diagnosis_free(&f->d);
	for (u32 i = 0; i < f->ncycle; i++)
		free(f->cycle[i]);
	free(f->cycle);
	free(f->roles);
	free(f->key);
	free(f);
}

static void roles_add(struct draft *f, const char *text, char end)
{
	size_t old = f->roles ? strlen(f->roles) : 0, len = strlen(text);
	char *p = realloc(f->roles, old + len + 2);

	if (!p)
		return;
	memcpy(p + old, text, len);
	p[old + len] = end;
	p[old + len + 1] = '\0';
	f->roles = p;
}

static void draft_fingerprint(struct draft *f)
{
	unsigned first = f->ncycle ? cycle_first(f->cycle, f->ncycle) : 0;

	for (u32 i = 0; i < f->ncycle; i++)
		roles_add(f, f->cycle[(first + i) % f->ncycle], ';');
	roles_add(f, f->d.rule->id, '\n');
	fingerprint_hex(f->roles ? f->roles : f->d.rule->id, f->d.fingerprint);
	f->d.by_build = f->by_build;
}

static void keys_move(struct draft *to, const struct draft *from)
{
	for (u32 i = 0; i < from->nkeys; i++)
		diag_about(&to->d, from->key[i].kind, from->key[i].id);
}

/* Puts the open draft away: into one with the same fingerprint, or as a new one. */
static void findings_flush(struct findings *out)
{
	struct draft *f = out->open;

	out->open = NULL;
	if (!f)
		return;
	draft_fingerprint(f);
	for (u32 i = out->of_rule; i < out->n; i++) {
		struct draft *old = out->draft[i];

		if (strcmp(old->d.fingerprint, f->d.fingerprint) != 0)
			continue;
		if (f->d.severity > old->d.severity) { /* the worse one is told */
			out->draft[i] = f;
			f = old;
			old = out->draft[i];
		}
		old->d.count += f->d.count;
		old->like += 1 + f->like;
		keys_move(old, f);
		draft_free(f);
		return;
	}
	if (array_room((void **)&out->draft, out->n, &out->cap, sizeof(*out->draft), 1u << 20))
		draft_free(f);
	else
		out->draft[out->n++] = f;
}

struct diagnosis *diag_new(struct findings *out, enum severity s, enum confidence c)
{
	struct draft *f;

	findings_flush(out);
	if (out->n - out->of_rule >= MAX_DIAGS)
		return NULL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->p = out->p;
	f->d.process = out->process;
	f->d.rule = out->rule;
	f->d.severity = c == CONF_SUSPECTED ? SEV_NOTE : s;
	f->d.confidence = c;
	f->d.count = 1;
	out->open = f;
	return &f->d;
}

void findings_run(struct findings *out, const struct rule *rule)
{
	out->rule = rule;
	out->of_rule = out->n;
	rule->run(out->p, out);
	findings_flush(out);
}

void findings_free(struct findings *out)
{
	for (u32 i = 0; i < out->n; i++)
		draft_free(out->draft[i]);
	free(out->draft);
	memset(out, 0, sizeof(*out));
}

/* ---- words -------------------------------------------------------------------------------------
 */
#define SENTENCE(name)                                                                             \
	void diag_##name(struct diagnosis *d, const char *fmt, ...)                                \
	{                                                                                          \
		va_list ap;                                                                        \
		if (!d)                                                                            \
			return;                                                                    \
		va_start(ap, fmt);                                                                 \
		free(d->name);                                                                     \
		d->name = text_vformat(fmt, ap);                                                   \
		va_end(ap);                                                                        \
	}
SENTENCE(title)
SENTENCE(what)
SENTENCE(why)
SENTENCE(fix)

void diag_count(struct diagnosis *d, u64 count)
{
	if (d)
		d->count = count;
}

/* ---- objects and threads -----------------------------------------------------------------------
 */
static void object_add(struct diagnosis *d, struct diag_object o)
{
	struct draft *f = draft_of(d);
	bool known = false;

	for (u32 i = 0; i < d->nobjects; i++)
		known |= d->object[i].id == o.id && strcmp(d->object[i].kind, o.kind) == 0;
	if (!known && array_room((void **)&d->object, d->nobjects, &f->cap_objects, sizeof(o),
				 OBJECTS_MAX) == 0) {
		d->object[d->nobjects++] = o;
		return;
	}
	d->more += !known;
	free(o.name);
	free((void *)o.created.f);
}

void diag_object(struct diagnosis *d, const char *kind, u64 id, u32 created, const char *name, ...)
{
	struct diag_object o = {.kind = kind, .id = id};
	va_list ap;

	if (!d)
		return;
	o.created = frames_copy(process_frames(draft_of(d)->p, created));
	if (name) {
		va_start(ap, name);
		o.name = text_vformat(name, ap);
		va_end(ap);
	}
	object_add(d, o);
}

void diag_sync(struct diagnosis *d, u32 serial, u64 addr)
{
	const struct st_sync *s = d ? process_sync(draft_of(d)->p, serial) : NULL;
	char number[24];
	const char *name;

	if (!d || (!serial && !addr))
		return;
	if (!s && !serial)
		s = process_sync_at(draft_of(d)->p, addr);
	if (!addr && s)
		addr = s->addr;
	name = s && s->name[0] ? s->name : process_variable_at(draft_of(d)->p, addr);
	if (!name)
		snprintf(number, sizeof(number), "0x%llx", (unsigned long long)addr);
	diag_object(d, s ? sync_kind_name(s->kind) : "lock", s ? s->serial : serial,
		    s ? s->stack : 0, "%s", name ? name : number);
}

void diag_fd(struct diagnosis *d, const struct st_fd *fd)
{
	if (d && fd)
		diag_object(d, "fd", (u64)(u32)fd->num, fd->stack, "%s %d", fd_kind_name(fd->kind),
			    fd->num);
}

void diag_timer(struct diagnosis *d, const struct st_timer *t)
{
	if (!d || !t)
		return;
	if (t->interval)
		diag_object(d, "timer", t->serial, t->stack, "%s timer, every %s",
			    timer_kind_name(t->kind), say_time(t->interval));
	else
		diag_object(d, "timer", t->serial, t->stack, "%s timer, one shot",
			    timer_kind_name(t->kind));
}

void diag_thread(struct diagnosis *d, u32 serial)
{
	struct draft *f = draft_of(d);
	const struct st_thread *t;
	struct diag_thread x = {.serial = serial};

	if (!d || !serial)
		return;
	for (u32 i = 0; i < d->nthreads; i++)
		if (d->thread[i].serial == serial)
			return;
	if (array_room((void **)&d->thread, d->nthreads, &f->cap_threads, sizeof(x), THREADS_MAX)) {
		d->more++;
		return;
	}
	t = process_thread(f->p, serial);
	if (t) {
		const char *start =
		    t->flags & TF_MAIN ? "main" : process_function_at(f->p, t->start);

		x.tid = t->tid;
		x.name = t->name[0] ? text_dup(t->name) : NULL;
		x.start = start ? text_dup(start) : NULL;
		x.created = frames_copy(process_frames(f->p, t->stack));
	}
	d->thread[d->nthreads++] = x;
}

/* ---- evidence ----------------------------------------------------------------------------------
 */
static void evidence_add(struct diagnosis *d, u64 t, u32 thread, const struct frames *stack,
			 const char *what, va_list ap)
{
	if (array_room((void **)&d->evidence, d->nevidence, &draft_of(d)->cap_evidence,
		       sizeof(*d->evidence), EVIDENCE_MAX)) {
		d->more++;
		return;
	}
	d->evidence[d->nevidence++] = (struct diag_evidence){
	    .t = t, .thread = thread, .what = text_vformat(what, ap), .stack = frames_copy(stack)};
}

void diag_evidence(struct diagnosis *d, u64 t, u32 thread, u32 stack, const char *what, ...)
{
	va_list ap;

	if (!d)
		return;
	va_start(ap, what);
	evidence_add(d, t, thread, process_frames(draft_of(d)->p, stack), what, ap);
	va_end(ap);
}

void diag_evidence_pc(struct diagnosis *d, u64 t, u32 thread, u64 pc, const char *what, ...)
{
	va_list ap;

	if (!d)
		return;
	va_start(ap, what);
	evidence_add(d, t, thread, process_frames_pc(draft_of(d)->p, pc), what, ap);
	va_end(ap);
}

/* ---- what it is about --------------------------------------------------------------------------
 */
void diag_role(struct diagnosis *d, u32 stack)
{
	char *role;

	if (!d)
		return;
	role = role_of_frames(process_frames(draft_of(d)->p, stack), &draft_of(d)->by_build);
	if (role)
		roles_add(draft_of(d), role, ';');
	free(role);
}

void diag_role_word(struct diagnosis *d, const char *word)
{
	if (d)
		roles_add(draft_of(d), word, ';');
}

void diag_role_cycle(struct diagnosis *d, u32 stack_a, u32 stack_b)
{
	struct draft *f = draft_of(d);
	char *a, *b, *both = NULL;

	if (!d ||
	    array_room((void **)&f->cycle, f->ncycle, &f->cap_cycle, sizeof(*f->cycle), CYCLE_MAX))
		return;
	a = role_of_frames(process_frames(f->p, stack_a), &f->by_build);
	b = role_of_frames(process_frames(f->p, stack_b), &f->by_build);
	if (a && b && asprintf(&both, "%s|%s", a, b) >= 0)
		f->cycle[f->ncycle++] = both;
	free(a);
	free(b);
}

void diag_about(struct diagnosis *d, enum about kind, u64 id)
{
	struct draft *f = draft_of(d);

	if (d &&
	    array_room((void **)&f->key, f->nkeys, &f->cap_keys, sizeof(*f->key), KEYS_MAX) == 0)
		f->key[f->nkeys++] = (struct about_key){kind, id};
}
