/* SPDX-License-Identifier: MIT */
/*
 * Finds traces and loads one process: see reader.h. Owns the order of things (state file, then
 * lines, then how it ended); state.c and jsonl.c do the reading. Not signal-safe.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "alive.h"
#include "growth.h"
#include "jsonl.h"
#include "kernel.h"
#include "reader.h"
#include "state.h"
#include "util.h"

#define REFS_MAX (1u << 20)

/* ---- finding -----------------------------------------------------------------------------------
 */
static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

static bool is_index(const char *path)
{
	return strcmp(path_base(path), "index.jsonl") == 0;
}

/* PATH with its last suffix replaced, if that file is there. */
static char *sibling(const char *path, const char *suffix, const char *other)
{
	char *s;

	if (asprintf(&s, "%.*s%s", (int)(strlen(path) - strlen(suffix)), path, other) < 0)
		return NULL;
	if (access(s, F_OK) == 0)
		return s;
	free(s);
	return NULL;
}

static int set_add(struct trace_set *s, struct trace_ref ref)
{
	int rc = array_room((void **)&s->ref, s->n, &s->cap, sizeof(ref), REFS_MAX);

	if (rc == 0)
		s->ref[s->n++] = ref;
	return rc;
}

struct index_walk {
	struct trace_set *set;
	const char *path;
	int torn;
};

static int index_line(void *arg, char *line, size_t len, unsigned number, long offset, bool ended)
{
	struct index_walk *w = arg;

	(void)len;
	(void)ended;
	if (line[0] != '{')
		return 0;
	return set_add(w->set, (struct trace_ref){.index = strdup(w->path),
						  .index_offset = offset,
						  .index_line = number});
}

static int find_file(struct trace_set *s, const char *path, struct diag_out *d)
{
	struct trace_ref ref = {0};

	if (is_index(path)) {
		struct index_walk w = {.set = s, .path = path};

		return lines_each(path, d, index_line, &w);
	}
	if (ends_with(path, ".state")) {
		ref.state = strdup(path);
		ref.jsonl = sibling(path, ".state", ".jsonl");
	} else {
		ref.jsonl = strdup(path);
		ref.state = ends_with(path, ".jsonl") ? sibling(path, ".jsonl", ".state") : NULL;
	}
	return set_add(s, ref);
}

static int is_trace(const struct dirent *e)
{
	return ends_with(e->d_name, ".jsonl") || ends_with(e->d_name, ".state");
}

static int find_directory(struct trace_set *s, const char *path, struct diag_out *d)
{
	struct dirent **list;
	int n = scandir(path, &list, is_trace, alphasort), rc = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		char *file = NULL, *lines = NULL;

		if (rc == 0 && asprintf(&file, "%s/%s", path, list[i]->d_name) < 0)
			rc = -ENOMEM;
		/* a pair is found by its .jsonl */
		if (rc == 0 && ends_with(file, ".state"))
			lines = sibling(file, ".state", ".jsonl");
		if (rc == 0 && !lines)
			rc = find_file(s, file, d);
		free(lines);
		free(file);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return rc;
}

int trace_find(struct trace_set *s, const char *path, struct diag_out *d)
{
	struct stat st;
	int rc;

	if (stat(path, &st) != 0)
		rc = -errno;
	else if (S_ISDIR(st.st_mode))
		rc = find_directory(s, path, d);
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else
		rc = find_file(s, path, d);
	if (rc)
		diag_say(d, path, 0, "%s",
			 rc == -EINVAL ? "neither a file nor a directory" : strerror(-rc));
	return rc;
}

void trace_set_free(struct trace_set *s)
{
	for (u32 i = 0; i < s->n; i++) {
		free(s->ref[i].jsonl);
		free(s->ref[i].state);
		free(s->ref[i].index);
	}
	free(s->ref);
	memset(s, 0, sizeof(*s));
}

/* ---- loading -----------------------------------------------------------------------------------
 */
#define LOAD_TABLE(name, doc)                                                                      \
	if (rc == 0)                                                                               \
		rc = load_table(p, v, TABLE_##name, (void **)&p->name.row, &p->name.n,             \
				&p->name.cap);

static int load_table(struct model_process *p, const struct state_view *v, enum trace_table table,
		      void **rows, u32 *n, u32 *cap)
{
	const struct st_table *t = &v->head.table[table];
	int rc = state_table(v, table, rows, n);

	*cap = *n;
	if (rc == 0 && t->dropped)
		note_add(&p->facts.dropped, &p->facts.ndropped, record_desc[table].name,
			 "table full", t->dropped);
	return rc;
}

/* Rows that were handed out lie beyond the end of the file. */
static bool table_is_cut(const struct state_view *v, enum trace_table table)
{
	const struct st_table *t = &v->head.table[table];
	u64 before = 0;

	for (int k = 0; k < TABLE_CHUNKS && before < t->used; k++) {
		u64 rows = (u64)t->first << k,
		    here = t->used - before < rows ? t->used - before : rows;

		if (t->chunk[k] && (t->chunk[k] >= v->file_size ||
				    here > (v->file_size - t->chunk[k]) / state_row_size(table)))
			return true;
		before += rows;
	}
	return false;
}

static void say_if_cut(const struct state_view *v, const char *path, struct diag_out *d)
{
	for (int i = 0; i < TABLES; i++) {
		if (!table_is_cut(v, (enum trace_table)i))
			continue;
		diag_say(
		    d, path, 0,
		    "cut short or damaged: rows of its table '%s', and perhaps of others, are lost",
		    record_desc[i].name);
		return;
	}
}

static int load_state(struct model_process *p, const char *path, struct diag_out *d)
{
	struct state_view view, *v = &view;
	int rc = state_open(v, path);

	if (rc == -EBADMSG || rc == -EPROTO)
		diag_say(d, path, 0, "%s",
			 rc == -EBADMSG ? "not a state file, or cut short"
					: "a state file of another version");
	else if (rc)
		diag_say(d, path, 0, "%s", strerror(-rc));
	if (rc)
		return rc;
	p->head = v->head;
	p->has_state = true;
	say_if_cut(v, path, d);
	TRACE_RECORDS(LOAD_TABLE)
	state_close(v);
	if (v->head.lines_dropped)
		note_add(&p->facts.dropped, &p->facts.ndropped, "lines",
			 "limit of the trace's size", v->head.lines_dropped);
	p->facts.pid = (int)p->head.pid;
	p->facts.ppid = (int)p->head.ppid;
	p->facts.mode = strdup(p->head.mode ? "diagnose" : "audit");
	p->facts.started = p->head.started;
	p->facts.started_real = p->head.started_real;
	p->facts.ended_at = p->head.ended;
	return rc;
}

static int load_index(struct model_process *p, const struct trace_ref *ref, struct diag_out *d)
{
	FILE *in = fopen(ref->index, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n = -1;
	json_t *js = NULL;
	int rc = -ENODATA;

	if (!in || fseek(in, ref->index_offset, SEEK_SET) != 0)
		diag_say(d, ref->index, ref->index_line, "%s", strerror(errno));
	else
		n = getline(&line, &cap, in);
	if (n > 0)
		js = line_parse(line, (size_t)n, ref->index, ref->index_line, line[n - 1] == '\n',
				d);
	if (js)
		rc = jsonl_clean(p, js);
	if (rc == -EPROTO || rc == -EINVAL)
		diag_say(d, ref->index, ref->index_line, "%s",
			 rc == -EPROTO ? "not a line of this version"
				       : "not about a clean process");
	json_decref(js);
	free(line);
	if (in)
		fclose(in);
	return rc;
}

/* How it ended, by its own last words; false: there are none. */
static bool ended_by_lines(struct model_process *p)
{
	bool known = false;

	for (u32 i = 0; i < p->nevents; i++) {
		const struct model_event *e = &p->event[i];
		const char *how = event_str(e, "how");

		if (event_is(e, "exec") && *event_str(e, "err"))
			known = false; /* it failed: the image goes on */
		if (!event_is(e, "end"))
			continue;
		known = true;
		p->facts.status = (int)event_int(e, "status");
		p->facts.ended = strcmp(how, "exec") == 0 ? ENDED_EXEC
				 : strcmp(how, "signal") == 0 || strcmp(how, "abort") == 0
				     ? ENDED_SIGNAL
				     : ENDED_EXIT;
		p->facts.has_status = p->facts.ended != ENDED_EXEC;
	}
	if (known && p->facts.ended == ENDED_SIGNAL && p->facts.status == 0)
		p->facts.status = 6; /* abort() */
	return known;
}

static void decide_ended(struct model_process *p, const char *state)
{
	struct process_facts *f = &p->facts;

	if (ended_by_lines(p))
		return;
	f->has_status = false;
	if (p->has_state && p->head.phase >= PHASE_ENDED && p->head.phase <= PHASE_CRASHED) {
		f->ended = p->head.phase == PHASE_ENDED	 ? ENDED_EXIT
			   : p->head.phase == PHASE_EXEC ? ENDED_EXEC
							 : ENDED_SIGNAL;
		f->has_status = f->ended != ENDED_EXEC;
		f->status = (int)p->head.status;
		return;
	}
	f->ended = process_alive(f, state) ? ENDED_RUNNING : ENDED_KILLED;
	if (f->ended == ENDED_RUNNING)
		f->ended_at = now_ns();
}

#define LAST(t)                                                                                    \
	if ((t) > p->facts.ended_at)                                                               \
		p->facts.ended_at = (t);

/* The last thing known to have happened. */
static void decide_last(struct model_process *p)
{
	if (p->facts.ended == ENDED_RUNNING || p->head.ended)
		return;
	FOR_EACH_ROW(p, live, v)
	{
		LAST(v->alive);
		LAST(v->wait_since);
	}
	FOR_EACH_ROW(p, thread, t)
	{
		LAST(t->born);
		LAST(t->ended);
	}
	FOR_EACH_ROW(p, fd, f)
	LAST(f->used);
}

static int decide_rest(struct model_process *p, const struct trace_ref *ref)
{
	struct process_facts *f = &p->facts;

	f->trace = text_dup(ref->jsonl ? ref->jsonl : ref->state ? ref->state : ref->index);
	if (!f->program)
		f->program = text_dup(f->comm ? f->comm : "?");
	if (!f->mode)
		f->mode = strdup("audit");
	for (u32 i = 0; i < f->ndropped; i++)
		f->dropped_events += f->dropped[i].count;
	if (!p->head.nofile)
		p->head.nofile = 1024; /* Linux's usual soft limit */
	return f->trace && f->program && f->mode ? process_finish(p) : -ENOMEM;
}

/* What the kernel says of it: asked now while it runs, kept by `pitfall run` otherwise. */
static void load_seen(struct model_process *p, const struct trace_ref *ref, struct diag_out *d)
{
	char *seen;

	if (p->facts.ended == ENDED_RUNNING) {
		if (ref->state && p->has_state)
			kernel_look(p, ref->state);
		return;
	}
	seen = ref->state   ? sibling(ref->state, ".state", ".seen")
	       : ref->jsonl ? sibling(ref->jsonl, ".jsonl", ".seen")
			    : NULL;
	if (seen)
		jsonl_load(p, seen, d);
	free(seen);
}

int process_load(struct model_process **out, const struct trace_ref *ref, struct diag_out *d)
{
	struct model_process *p = process_new();
	long lines = 0;
	int rc = 0;

	*out = NULL;
	if (!p)
		return -ENOMEM;
	if (d)
		d->here = 0;
	if (ref->index)
		rc = load_index(p, ref, d);
	if (ref->state && load_state(p, ref->state, d) == -ENOMEM)
		rc = -ENOMEM;
	if (rc == 0 && ref->jsonl) {
		lines = jsonl_load(p, ref->jsonl, d);
		if (lines < 0)
			diag_say(d, ref->jsonl, 0, "%s", strerror((int)-lines));
		else if (lines == 0 && !p->has_state)
			diag_say(d, ref->jsonl, 0, "no line of a trace in it");
	}
	if (rc == 0 && !ref->index && lines <= 0 && !p->has_state)
		rc = -ENODATA;
	if (rc == 0 && !ref->index) {
		decide_ended(p, ref->state);
		load_seen(p, ref, d);
	}
	if (rc == 0)
		decide_last(p);
	if (rc == 0)
		growth_settle(p);
	if (rc == 0)
		rc = decide_rest(p, ref);
	if (rc) {
		process_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

int trace_load(struct model_process **out, const char *path, struct diag_out *d)
{
	struct trace_set s = {0};
	int rc = trace_find(&s, path, d);

	*out = NULL;
	if (rc == 0)
		rc = s.n ? process_load(out, &s.ref[0], d) : -ENODATA;
	trace_set_free(&s);
	return rc;
}
