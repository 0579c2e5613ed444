/* SPDX-License-Identifier: MIT */
/*
 * The model of one process: look-ups and frames. Owns the rows, events and caches of struct
 * model_process; reader.c fills them, rules read them. Not signal-safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"
#include "symbols.h"
#include "util.h"

#define FRAMES_MAX 512 /* of one stack, inlined ones included */

struct map_entry {
	u64 key;
	u32 index;
};
struct map { /* sorted by key, then index */
	struct map_entry *e;
	u32 n;
};

struct frames_entry { /* resolved stacks and pcs */
	u64 key;
	struct frames frames;
	struct frames_entry *next;
};
#define FRAMES_BUCKETS 1024

struct model_index {
	struct map thread, live, sync, sync_at, fd, timer, site, stack, repeat;
	struct frames_entry *frames[FRAMES_BUCKETS];
};

/* ---- life --------------------------------------------------------------------------------------
 */
struct model_process *process_new(void)
{
	struct model_process *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->index = calloc(1, sizeof(*p->index));
	if (!p->index) {
		free(p);
		return NULL;
	}
	p->facts.observed = true;
	return p;
}

static void notes_free(struct model_note *note, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		free(note[i].what);
		free(note[i].why);
	}
	free(note);
}

void facts_free(struct process_facts *f)
{
	for (char **a = f->argv; a && *a; a++)
		free(*a);
	free(f->argv);
	free(f->program);
	free(f->comm);
	free(f->host);
	free(f->boot_id);
	free(f->mode);
	free(f->trace);
	free(f->why_unobserved);
	notes_free(f->blind, f->nblind);
	notes_free(f->dropped, f->ndropped);
	memset(f, 0, sizeof(*f));
}

static void index_free(struct model_index *x)
{
	struct map *maps[] = {&x->thread, &x->live, &x->sync,  &x->sync_at, &x->fd,
			      &x->timer,  &x->site, &x->stack, &x->repeat};

	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		free(maps[i]->e);
	for (int b = 0; b < FRAMES_BUCKETS; b++) {
		for (struct frames_entry *e = x->frames[b], *next; e; e = next) {
			next = e->next;
			free((void *)e->frames.f);
			free(e);
		}
	}
	free(x);
}

#define FREE_ROWS(name, doc) free(p->name.row);

void process_free(struct model_process *p)
{
	if (!p)
		return;
	TRACE_RECORDS(FREE_ROWS)
	for (u32 i = 0; i < p->nmodules; i++) {
		free(p->module[i].path);
		free(p->module[i].build_id);
	}
	for (u32 i = 0; i < p->nevents; i++)
		json_decref((json_t *)p->event[i].js);
	for (u32 i = 0; i < p->nstacks; i++) {
		free(p->stacks[i].pc);
		free(p->stacks[i].given);
	}
	free(p->module);
	free(p->event);
	free(p->stacks);
	facts_free(&p->facts);
	index_free(p->index);
	free(p);
}

/* ---- look-ups ----------------------------------------------------------------------------------
 */
static int map_compare(const void *a, const void *b)
{
	const struct map_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The last row with KEY wins: later rows of a hand-written trace replace earlier ones. -1 if none.
 */
static long map_find(const struct map *m, u64 key)
{
	u32 lo = 0, hi = m->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (m->e[mid].key <= key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && m->e[lo - 1].key == key ? (long)m->e[lo - 1].index : -1;
}

#define MAP_BUILD(map, array, count, used, key_of)                                                 \
	do {                                                                                       \
		(map).e = (count) ? malloc((size_t)(count) * sizeof(*(map).e)) : NULL;             \
		if ((count) && !(map).e)                                                           \
			return -ENOMEM;                                                            \
		for (u32 i = 0; i < (count); i++)                                                  \
			if (used)                                                                  \
				(map).e[(map).n++] = (struct map_entry){(key_of), i};              \
		if ((map).n)                                                                       \
			qsort((map).e, (map).n, sizeof(*(map).e), map_compare);                    \
	} while (0)
#define ROW(table) p->table.row[i]

/* The last line of each place of misuse stands for those that came after it, too. */
static void count_repeats(struct model_process *p)
{
	for (u32 i = p->nevents; i-- > 0;) {
		const struct model_event *e = &p->event[i];
		u64 place = event_is(e, "misuse") ? event_int(e, "place") : 0;
		long at = place ? map_find(&p->index->repeat, place) : -1;
		struct st_repeat *r = at < 0 ? NULL : &p->repeat.row[at];

		if (!r || r->times <= r->told)
			continue;
		json_object_set_new(
		    (json_t *)(uintptr_t)e->js, "untold",
		    json_integer((json_int_t)(event_int(e, "untold") + r->times - r->told)));
		r->told = r->times;
	}
}

int process_finish(struct model_process *p)
{
	struct model_index *x = p->index;

	MAP_BUILD(x->thread, p->thread.row, p->thread.n, ROW(thread).serial, ROW(thread).serial);
	MAP_BUILD(x->live, p->live.row, p->live.n, ROW(live).thread, ROW(live).thread);
	MAP_BUILD(x->sync, p->sync.row, p->sync.n, ROW(sync).serial, ROW(sync).serial);
	MAP_BUILD(x->sync_at, p->sync.row, p->sync.n,
		  ROW(sync).serial && !(ROW(sync).flags & SF_DEAD), ROW(sync).addr);
	MAP_BUILD(x->fd, p->fd.row, p->fd.n, ROW(fd).gen && ROW(fd).num >= 0, (u64)ROW(fd).num);
	MAP_BUILD(x->timer, p->timer.row, p->timer.n, ROW(timer).serial, ROW(timer).serial);
	MAP_BUILD(x->site, p->site.row, p->site.n, ROW(site).serial,
		  (u64)ROW(site).kind << 32 | ROW(site).stack);
	MAP_BUILD(x->repeat, p->repeat.row, p->repeat.n, ROW(repeat).row, ROW(repeat).row);
	count_repeats(p);
	MAP_BUILD(x->stack, p->stacks, p->nstacks, p->stacks[i].id, p->stacks[i].id);
	return 0;
}

#define LOOKUP(p, map, table, key)                                                                 \
	({                                                                                         \
		long at_ = map_find(&(p)->index->map, key);                                        \
		at_ < 0 ? NULL : &(p)->table.row[at_];                                             \
	})

const struct st_thread *process_thread(const struct model_process *p, u32 serial)
{
	return serial ? LOOKUP(p, thread, thread, serial) : NULL;
}

const struct st_live *process_live(const struct model_process *p, u32 serial)
{
	return serial ? LOOKUP(p, live, live, serial) : NULL;
}

const struct st_sync *process_sync(const struct model_process *p, u32 serial)
{
	return serial ? LOOKUP(p, sync, sync, serial) : NULL;
}

const struct st_sync *process_sync_at(const struct model_process *p, u64 addr)
{
	return addr ? LOOKUP(p, sync_at, sync, addr) : NULL;
}

const struct st_fd *process_fd(const struct model_process *p, int num)
{
	return num >= 0 ? LOOKUP(p, fd, fd, (u64)num) : NULL;
}

const struct st_timer *process_timer(const struct model_process *p, u32 serial)
{
	return serial ? LOOKUP(p, timer, timer, serial) : NULL;
}

const struct st_site *process_site(const struct model_process *p, enum site_kind kind, u32 ref,
				   u32 stack)
{
	for (u32 i = ref ? ref - 1 : 0; i < p->site.n && i <= ref; i++) {
		const struct st_site *s = &p->site.row[i];

		if (s->serial && s->kind == kind && s->stack == stack && stack)
			return s;
	}
	return stack ? LOOKUP(p, site, site, (u64)kind << 32 | stack) : NULL;
}

/* ---- frames ------------------------------------------------------------------------------------
 */
static const struct model_module *module_at(const struct model_process *p, u64 pc)
{
	const struct model_module *found = NULL;

	for (u32 i = 0; i < p->nmodules; i++) {
		const struct model_module *m = &p->module[i];

		if (pc >= m->start && pc < m->end && (!found || !m->unloaded || found->unloaded))
			found = m;
	}
	return found;
}

/* Frames of the code at PC (no longer a return address), appended to F. */
static u32 frames_add(const struct model_process *p, u64 pc, struct frame *f, u32 room)
{
	const struct model_module *m = module_at(p, pc);
	struct sym_module *sym = m ? symbols_module(m->path, m->build_id) : NULL;
	const struct frame *got = NULL;
	u32 n = 0;

	if (sym)
		got = symbols_frames(sym, pc - m->bias, &n);
	if (got) {
		n = n < room ? n : room;
		memcpy(f, got, n * sizeof(*f));
	} else if (room) {
		n = 1;
		*f = (struct frame){.offset = pc};
	}
	return n;
}

static bool is_tool(const struct frame *f)
{
	return f->module && strncmp(path_base(f->module), "libpitfall", 10) == 0;
}

static bool is_libc(const struct frame *f)
{
	const char *base = f->module ? path_base(f->module) : "";

	return strncmp(base, "libc.so", 7) == 0 || strncmp(base, "libc-2", 6) == 0 ||
	       strncmp(base, "libpthread", 10) == 0 || strncmp(base, "ld-", 3) == 0;
}

/* Takes away the tool's frames and those that every thread and program begins with. */
static u32 frames_trim(struct frame *f, u32 n)
{
	u32 kept = 0, end;

	for (u32 i = 0; i < n; i++)
		if (!is_tool(&f[i]))
			f[kept++] = f[i];
	for (end = 0; end < kept && !symbols_is_start(f[end].function); end++)
		; /* what lies outside of these is start-up code too, named or not */
	kept = end ? end : kept;
	end = kept;
	while (end && is_libc(&f[end - 1]))
		end--;
	return end ? end : kept; /* a thread that libc keeps for itself has no other frames */
}

const struct st_stack *process_stack_row(const struct model_process *p, u32 id)
{
	/* ids count rows from 0 or from 1, as their writer likes */
	for (u32 i = id ? id - 1 : p->stack.n; i < p->stack.n && i <= id; i++)
		if (p->stack.row[i].id == id)
			return &p->stack.row[i];
	return NULL;
}

static u32 stack_resolve(const struct model_process *p, u32 id, struct frame *f)
{
	long at = map_find(&p->index->stack, id);
	const struct model_stack *s = at < 0 ? NULL : &p->stacks[at];
	const struct st_stack *row = s ? NULL : process_stack_row(p, id);
	u32 n = 0;

	if (s && s->given) {
		n = s->n < FRAMES_MAX ? s->n : FRAMES_MAX;
		memcpy(f, s->given, n * sizeof(*f));
		return n;
	}
	for (u32 i = 0; s && i < s->n && n < FRAMES_MAX; i++)
		n += frames_add(p, s->pc[i] - 1, f + n, FRAMES_MAX - n);
	for (u32 i = 0; row && i < row->depth && n < FRAMES_MAX; i++) {
		if ((u64)row->frames + i >= p->frame.n)
			break;
		n += frames_add(p, p->frame.row[row->frames + i].pc - 1, f + n, FRAMES_MAX - n);
	}
	return n;
}

static const struct frames *frames_cached(const struct model_process *p, u64 key)
{
	static const struct frames none;
	struct frames_entry **bucket = &p->index->frames[(key * 0x9e3779b97f4a7c15ull) >> 54], *e;
	struct frame f[FRAMES_MAX], *copy;
	u32 n;

	for (e = *bucket; e; e = e->next)
		if (e->key == key)
			return &e->frames;
	if (key >> 63)
		n = frames_add(p, (key & ~(1ull << 63)) - 1, f, FRAMES_MAX);
	else
		n = stack_resolve(p, (u32)key, f);
	n = frames_trim(f, n);
	e = calloc(1, sizeof(*e));
	copy = malloc(n * sizeof(*f) + 1);
	if (!e || !copy) {
		free(e);
		free(copy);
		return &none;
	}
	memcpy(copy, f, n * sizeof(*f));
	*e = (struct frames_entry){key, {n, copy}, *bucket};
	*bucket = e;
	return &e->frames;
}

const struct frames *process_frames(const struct model_process *p, u32 stack)
{
	return frames_cached(p, stack);
}

const struct frames *process_frames_pc(const struct model_process *p, u64 pc)
{
	return frames_cached(p, pc ? pc | 1ull << 63 : 0);
}

const char *process_function_at(const struct model_process *p, u64 addr)
{
	const struct model_module *m = addr ? module_at(p, addr) : NULL;
	struct sym_module *sym = m ? symbols_module(m->path, m->build_id) : NULL;

	return sym ? symbols_function(sym, addr - m->bias) : NULL;
}

const char *process_variable_at(const struct model_process *p, u64 addr)
{
	const struct model_module *m = addr ? module_at(p, addr) : NULL;
	struct sym_module *sym = m ? symbols_module(m->path, m->build_id) : NULL;

	return sym ? symbols_symbol(sym, addr - m->bias) : NULL;
}

u32 process_ender(const struct model_process *p)
{
	u32 serial = 0;

	FOR_EACH_EVENT(p, "end", e)
	serial = e->thread;
	return serial;
}

bool frames_of_library(const struct model_process *p, const struct frames *f)
{
	static const char *const dirs[] = {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"};

	for (u32 i = 0; i < f->n; i++) {
		const char *module = f->f[i].module;

		if (!module || symbols_is_runtime_module(module))
			continue;
		if (p->facts.program && strcmp(module, p->facts.program) == 0)
			return false;
		for (size_t d = 0; d < sizeof(dirs) / sizeof(*dirs); d++)
			if (strncmp(module, dirs[d], strlen(dirs[d])) == 0)
				return true;
		return false;
	}
	return false;
}

const struct frame *frames_program(const struct frames *f)
{
	for (u32 i = 0; i < f->n; i++)
		if (f->f[i].program)
			return &f->f[i];
	return f->n ? &f->f[0] : NULL;
}
