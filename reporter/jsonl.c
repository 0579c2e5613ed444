/* SPDX-License-Identifier: MIT */
/*
 * From lines of a trace to the model. Owns the mapping of events and of hand-written table rows (by
 * the field tables of state.c); no opinion about what the facts mean. Called from reader.c; not
 * signal-safe.
 *
 * Beyond trace_schema.h a hand-written stack may carry "frames":["serve at server.c:61 in app",
 * …] instead of "pcs": function, file and line, module; the latter two may be left out. Kinds and
 * calls may be given by name: "call":"recv", "kind":"mutex".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "jsonl.h"
#include "state.h"
#include "symbols.h"
#include "util.h"

#define EVENTS_MAX  65536u
#define MODULES_MAX 4096u
#define STACKS_MAX  (1u << 20)
#define ROWS_MAX    (1u << 20) /* of one table, as lines */
#define NOTES_MAX   256u

struct load {
	struct model_process *p;
	struct diag_out *d;
	const char *path;
	unsigned line;
	long understood;
	bool told_full;
};

int note_add(struct model_note **note, u32 *n, const char *what, const char *why, u64 count)
{
	struct model_note *more;

	for (u32 i = 0; i < *n; i++) {
		if (strcmp((*note)[i].what, what) == 0 && strcmp((*note)[i].why, why) == 0) {
			(*note)[i].count += count;
			return 0;
		}
	}
	if (*n >= NOTES_MAX)
		return -ENOSPC;
	more = realloc(*note, (*n + 1) * sizeof(**note));
	if (!more)
		return -ENOMEM;
	*note = more;
	more[*n] = (struct model_note){text_dup(what), text_dup(why), count};
	if (!more[*n].what || !more[*n].why)
		return -ENOMEM;
	++*n;
	return 0;
}

static const char *get_str(const json_t *js, const char *key)
{
	const char *s = json_string_value(json_object_get(js, key));

	return s ? s : "";
}

static u64 get_int(const json_t *js, const char *key)
{
	return json_u64(json_object_get(js, key));
}

static int load_full(struct load *l, const char *what)
{
	if (!l->told_full)
		diag_say(l->d, l->path, l->line, "too many %s, the rest is left out", what);
	l->told_full = true;
	return note_add(&l->p->facts.dropped, &l->p->facts.ndropped, what, "limit of the reader",
			1);
}

/* ---- the process line --------------------------------------------------------------------------
 */
static void replace(char **to, const char *s)
{
	char *copy = *s ? text_dup(s) : NULL;

	if (!copy)
		return;
	free(*to);
	*to = copy;
}

static char **argv_of(const json_t *js)
{
	size_t n = json_array_size(js);
	char **argv = n ? calloc(n + 1, sizeof(*argv)) : NULL;

	for (size_t i = 0; argv && i < n; i++)
		argv[i] = text_dup(json_string_value(json_array_get(js, i)));
	return argv;
}

static void facts_from(struct process_facts *f, const json_t *js)
{
	f->pid = (int)get_int(js, "pid");
	f->ppid = (int)get_int(js, "ppid");
	replace(&f->program, get_str(js, "exe"));
	replace(&f->comm, get_str(js, "comm"));
	replace(&f->host, get_str(js, "host"));
	replace(&f->boot_id, get_str(js, "boot_id"));
	replace(&f->mode, get_str(js, "mode"));
	if (!f->argv)
		f->argv = argv_of(json_object_get(js, "argv"));
	if (!f->started)
		f->started = get_int(js, "t");
	if (!f->started_real)
		f->started_real = get_int(js, "real");
}

static int take_process(struct load *l, const json_t *js)
{
	struct model_process *p = l->p;
	u64 v = get_int(js, "v");

	if (v != TRACE_VERSION) {
		diag_say(l->d, l->path, l->line, "trace version %llu, this pitfall reads %d",
			 (unsigned long long)v, TRACE_VERSION);
		return -EPROTO;
	}
	facts_from(&p->facts, js);
	if (!p->head.nofile)
		p->head.nofile = (u32)get_int(js, "nofile");
	if (!p->head.threads_made) /* in hand-written traces: the state has it otherwise */
		p->head.threads_made = (u32)get_int(js, "threads_made");
	if (!p->head.sigpending)
		p->head.sigpending = (u32)get_int(js, "sigpending");
	return 0;
}

/* "app-1234-5f3c0e" is a process of app. */
static void name_program(struct process_facts *f, const char *name)
{
	char pid[16], *at;

	if (f->program || !*name)
		return;
	replace(&f->program, name);
	snprintf(pid, sizeof(pid), "-%d-", f->pid);
	at = f->program ? strstr(f->program, pid) : NULL;
	if (at && at > f->program)
		*at = '\0';
}

int jsonl_clean(struct model_process *p, const json_t *js)
{
	struct process_facts *f = &p->facts;
	const char *how = get_str(js, "how");
	bool died = strcmp(how, "signal") == 0 || strcmp(how, "abort") == 0;

	if (json_object_get(js, "v") && get_int(js, "v") != TRACE_VERSION)
		return -EPROTO;
	if (strcmp(get_str(js, "ev"), "clean") != 0)
		return -EINVAL;
	facts_from(f, js);
	name_program(f, get_str(js, "name"));
	f->ended_at = f->started + get_int(js, "ran");
	f->ended = strcmp(how, "exec") == 0 ? ENDED_EXEC : died ? ENDED_SIGNAL : ENDED_EXIT;
	f->has_status = f->ended != ENDED_EXEC && json_object_get(js, "status");
	f->status = (int)get_int(js, "status");
	return 0;
}

/* ---- modules, stacks, events -------------------------------------------------------------------
 */
static int take_module(struct load *l, const json_t *js)
{
	struct model_process *p = l->p;
	struct model_module m = {
	    .id = (u32)get_int(js, "id"),
	    .bias = get_int(js, "bias"),
	    .start = get_int(js, "start"),
	    .end = get_int(js, "end"),
	    .unloaded = get_int(js, "unloaded") != 0,
	};
	struct model_module *old = NULL;

	for (u32 i = 0; i < p->nmodules; i++)
		if (p->module[i].id == m.id && p->module[i].start == m.start)
			old = &p->module[i];
	if (old) { /* told again: gone since */
		old->unloaded |= m.unloaded;
		return 0;
	}
	if (array_room((void **)&p->module, p->nmodules, &p->cap_modules, sizeof(m), MODULES_MAX))
		return load_full(l, "modules");
	m.path = text_dup(get_str(js, "path"));
	m.build_id = text_dup(get_str(js, "build_id"));
	p->module[p->nmodules++] = m;
	return m.path && m.build_id ? 0 : -ENOMEM;
}

/* "serve at src/server.c:61 in app" */
static void frame_given(struct frame *f, const char *text)
{
	char *s = strdup(text), *in, *at, *colon;

	memset(f, 0, sizeof(*f));
	if (!s)
		return;
	in = strstr(s, " in ");
	if (in) {
		*in = '\0';
		f->module = symbols_intern(in + 4);
	}
	at = strstr(s, " at ");
	if (at) {
		*at = '\0';
		colon = strrchr(at + 4, ':');
		if (colon) {
			*colon = '\0';
			f->line = atoi(colon + 1);
		}
		f->file = symbols_intern(at + 4);
	}
	f->function = *s ? symbols_intern(s) : NULL;
	f->program = symbols_is_program(f->module ? f->module : "?", f->function, f->file);
	free(s);
}

static int take_stack(struct load *l, const json_t *js)
{
	struct model_process *p = l->p;
	const json_t *pcs = json_object_get(js, "pcs"), *given = json_object_get(js, "frames");
	struct model_stack s = {.id = (u32)get_int(js, "id")};

	if (!s.id || process_stack_row(p, s.id))
		return 0; /* the state file has it */
	if (array_room((void **)&p->stacks, p->nstacks, &p->cap_stacks, sizeof(s), STACKS_MAX))
		return load_full(l, "stacks");
	s.n = (u32)json_array_size(json_is_array(given) ? given : pcs);
	if (s.n > 256)
		s.n = 256;
	if (json_is_array(given))
		s.given = calloc(s.n + 1, sizeof(*s.given));
	else
		s.pc = calloc(s.n + 1, sizeof(*s.pc));
	if (!s.given && !s.pc)
		return -ENOMEM;
	for (u32 i = 0; i < s.n; i++) {
		if (s.pc)
			s.pc[i] = json_u64(json_array_get(pcs, i));
		else if (json_is_string(json_array_get(given, i)))
			frame_given(&s.given[i], json_string_value(json_array_get(given, i)));
	}
	p->stacks[p->nstacks++] = s;
	return 0;
}

static int take_event(struct load *l, json_t *js, const char *ev)
{
	struct model_process *p = l->p;

	if (strcmp(ev, "dropped") == 0)
		note_add(&p->facts.dropped, &p->facts.ndropped, get_str(js, "what"),
			 get_str(js, "why"), get_int(js, "count"));
	if (strcmp(ev, "blind") == 0)
		note_add(&p->facts.blind, &p->facts.nblind, get_str(js, "what"), get_str(js, "why"),
			 1);
	if (strcmp(ev, "tool_error") == 0)
		note_add(&p->facts.blind, &p->facts.nblind, get_str(js, "what"), get_str(js, "err"),
			 1);
	if (array_room((void **)&p->event, p->nevents, &p->cap_events, sizeof(*p->event),
		       EVENTS_MAX))
		return load_full(l, "events");
	p->event[p->nevents++] = (struct model_event){
	    .ev = ev,
	    .order = get_int(js, "n"),
	    .t = get_int(js, "t"),
	    .thread = (u32)get_int(js, "th"),
	    .js = json_incref(js),
	    .line = l->line,
	};
	return 0;
}

/* ---- table rows as lines -----------------------------------------------------------------------
 */
static void row_from(void *row, enum trace_table table, const json_t *js)
{
	for (const struct record_field *f = record_desc[table].fields(); f->name; f++) {
		const json_t *v = json_object_get(js, f->name);
		char *to = (char *)row + f->offset;
		u64 n = json_u64(v);
		u32 n32 = (u32)n;

		if (f->type == FIELD_U32 && json_is_string(v))
			n32 = number_named(table, f->name, json_string_value(v));
		if (f->type == FIELD_STR && json_is_string(v))
			strncpy(to, json_string_value(v), f->size - 1u);
		else if (f->type == FIELD_U64)
			memcpy(to, &n, sizeof(n));
		else if (f->type != FIELD_STR)
			memcpy(to, &n32, sizeof(n32));
	}
	row_clean(table, row);
}

#define ROW_APPEND(name, doc)                                                                      \
	case TABLE_##name:                                                                         \
		if (array_room((void **)&p->name.row, p->name.n, &p->name.cap,                     \
			       sizeof(*p->name.row), ROWS_MAX))                                    \
			return load_full(l, #name " rows");                                        \
		memset(&p->name.row[p->name.n], 0, sizeof(*p->name.row));                          \
		row_from(&p->name.row[p->name.n++], table, js);                                    \
		return 0;

static int take_row(struct load *l, enum trace_table table, const json_t *js)
{
	struct model_process *p = l->p;

	switch (table) {
		TRACE_RECORDS(ROW_APPEND)
	default:
		return 0;
	}
}

/* {"ev":"held","thread":3,"addr":…,"stack":…,"mode":1} belongs to the live row of its thread. */
static int take_held(struct load *l, const json_t *js)
{
	struct model_process *p = l->p;
	u32 serial = (u32)get_int(js, "thread");

	for (u32 i = p->live.n; i-- > 0;) {
		struct st_live *v = &p->live.row[i];

		if (v->thread != serial)
			continue;
		if (v->nheld < HELD_MAX)
			v->held[v->nheld] = (struct st_held){
			    .addr = get_int(js, "addr"),
			    .pc = get_int(js, "pc"),
			    .sp = get_int(js, "sp"),
			    .stack = (u32)get_int(js, "stack"),
			    .count = (u16)get_int(js, "count"),
			    .mode = (u8)get_int(js, "mode"),
			};
		v->nheld++;
		return 0;
	}
	diag_say(l->d, l->path, l->line, "\"held\" of thread %u before its \"live\" row", serial);
	return 0;
}

static int take_line(struct load *l, json_t *js)
{
	const char *ev = json_string_value(json_object_get(js, "ev"));
	u64 t = get_int(js, "t");

	if (!ev) {
		diag_say(l->d, l->path, l->line, "no \"ev\" in the line, left out");
		return 0;
	}
	if (t > l->p->facts.ended_at)
		l->p->facts.ended_at = t;
	l->understood++;
	if (strcmp(ev, "process") == 0)
		return take_process(l, js);
	if (strcmp(ev, "module") == 0)
		return take_module(l, js);
	if (strcmp(ev, "stack") == 0 && !json_object_get(js, "depth"))
		return take_stack(l, js);
	if (strcmp(ev, "held") == 0)
		return take_held(l, js);
	for (int table = 0; table < TABLES; table++)
		if (strcmp(ev, record_desc[table].name) == 0)
			return take_row(l, table, js);
	return take_event(l, js, ev);
}

static int load_line(void *arg, char *line, size_t len, unsigned number, long offset, bool ended)
{
	struct load *l = arg;
	json_t *js;
	int rc;

	(void)offset;
	l->line = number;
	if (line[0] != '{') { /* under way when the process died */
		l->p->facts.torn_lines++;
		return 0;
	}
	js = line_parse(line, len, l->path, number, ended, l->d);
	if (!js)
		return 0;
	rc = take_line(l, js);
	json_decref(js);
	return rc == -ENOSPC ? 0 : rc;
}

long jsonl_load(struct model_process *p, const char *path, struct diag_out *d)
{
	struct load l = {.p = p, .d = d, .path = path};
	int rc = lines_each(path, d, load_line, &l);

	if (rc == -EPROTO)
		return 0; /* said */
	return rc ? rc : l.understood;
}
