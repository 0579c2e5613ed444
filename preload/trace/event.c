/* SPDX-License-Identifier: MIT */
/*
 * Owns: how events look as lines. Doesn't: decide what is an event. See event.h.
 */
#include "trace/event.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/modules.h"
#include "base/sys.h"
#include "base/unwind.h"
#include "state/arena.h"
#include "state/stacks.h"
#include "trace/files.h"
#include "trace/sink.h"

enum { SHORT = 256, ROOM = 1024 };

static u32 modules_written;

static void raised(void)
{
	files_promote();
	__atomic_fetch_add(&state->flags_raised, 1, __ATOMIC_RELEASE);
}

void event_process(const struct event_process *p)
{
	struct line l;
	size_t room = 2048;

	for (char **a = p->argv; a && *a; a++)
		room += strlen(*a) * 6 + 3;
	if (!line_begin(&l, "process", 0, room < 16000 ? room : 16000))
		return;
	line_int(&l, "v", TRACE_VERSION);
	line_int(&l, "pid", state->pid);
	line_int(&l, "ppid", state->ppid);
	line_str(&l, "exe", p->exe);
	line_str(&l, "comm", p->comm);
	line_str(&l, "host", p->host);
	line_str(&l, "boot_id", p->boot_id);
	line_int(&l, "real", state->started_real);
	line_str(&l, "mode", state->mode ? "diagnose" : "audit");
	line_int(&l, "nofile", state->nofile);
	line_int(&l, "sigpending", state->sigpending);
	line_str(&l, "parent_image", p->parent_image);
	if (p->argv) {
		line_open(&l, "argv", '[');
		for (char **a = p->argv; *a; a++)
			line_str(&l, NULL, *a);
		line_close(&l, ']');
	}
	line_end(&l);
}

/* A plugin opened by a relative name is looked for from where the process is now; a vDSO has a name
 * without a '/'. */
static const char *full_path(const char *path, char *buf, size_t size)
{
	size_t len = strlen(path);
	long n;

	if (*path == '/' || !strchr(path, '/') || len >= size)
		return path;
	n = sys_call(SYS_getcwd, buf, size - len, 0, 0); /* counts its NUL */
	if (n <= 1 || *buf != '/')
		return path;
	buf[n - 1] = '/';
	memcpy(buf + n, path, len + 1);
	return buf;
}

static void module_line(const struct module *m)
{
	char buf[384];
	const char *path = full_path(m->path, buf, sizeof(buf));
	struct line l;

	if (!line_begin(&l, "module", 0, 512 + strlen(path) * 2))
		return;
	line_int(&l, "id", m->id);
	line_int(&l, "bias", m->bias);
	line_int(&l, "start", m->start);
	line_int(&l, "end", m->end);
	line_str(&l, "path", path);
	line_hex(&l, "build_id", m->build_id, m->build_id_len);
	line_int(&l, "unloaded", !module_is_loaded(m));
	line_end(&l);
}

void event_modules(void)
{
	u32 n = module_count(), from = __atomic_load_n(&modules_written, __ATOMIC_RELAXED);

	if (likely(n == from) || !__atomic_compare_exchange_n(&modules_written, &from, n, false,
							      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	for (; from < n; from++)
		module_line(module_get(from));
}

void event_stack(u32 id)
{
	struct st_stack *s = id ? row_get(TABLE_stack, id) : NULL;
	const struct st_frame *f;
	struct line l;
	u32 n;

	if (!s || (__atomic_fetch_or(&s->flags, 1, __ATOMIC_ACQ_REL) & 1))
		return;
	event_modules();
	n = stack_frames(id, &f);
	if (!line_begin(&l, "stack", 0, 128 + n * 21))
		return;
	line_int(&l, "id", id);
	line_open(&l, "pcs", '[');
	for (u32 i = 0; i < n; i++)
		line_value(&l, f[i].pc);
	line_close(&l, ']');
	line_end(&l);
}

const char *call_name(u32 call)
{
#define NAME(name, class) #name,
	static const char *const names[] = {TRACE_CALLS(NAME)};
#undef NAME

	return call < CALL_MAX ? names[call] : "?";
}

void event_deadlock(u32 thread, const struct ring_member *ring, int n)
{
	struct line l;

	for (int i = 0; i < n; i++) {
		event_stack(ring[i].wait_stack);
		event_stack(ring[i].hold_stack);
	}
	if (!line_begin(&l, "deadlock", thread, SHORT + (size_t)n * 256))
		return;
	line_int(&l, "self", n == 1);
	line_open(&l, "ring", '[');
	for (int i = 0; i < n; i++) {
		line_open(&l, NULL, '{');
		line_int(&l, "thread", ring[i].thread);
		line_int(&l, "tid", ring[i].tid);
		line_str(&l, "wait", call_name(ring[i].call));
		line_int(&l, "obj", ring[i].obj);
		line_int(&l, "addr", ring[i].addr);
		line_int(&l, "wait_stack", ring[i].wait_stack);
		line_int(&l, "hold_stack", ring[i].hold_stack);
		line_close(&l, '}');
	}
	line_close(&l, ']');
	line_end(&l);
	state->stuck = 1;
	raised();
	log_line("deadlock: %d threads wait for each other; the last is thread %u (tid %u) in %s",
		 n, ring[0].thread, ring[0].tid, call_name(ring[0].call));
}

static bool write_order(u32 thread, const struct order_step *s, int n, bool doubt, u32 by_site)
{
	struct line l;

	for (int i = 0; i < n; i++) {
		event_stack(s[i].from_stack);
		event_stack(s[i].to_stack);
		event_stack(s[i].from_born);
		event_stack(s[i].to_born);
	}
	if (!line_begin(&l, "order", thread, SHORT + (size_t)n * 384))
		return false;
	line_open(&l, "edges", '[');
	for (int i = 0; i < n; i++) {
		line_open(&l, NULL, '{');
		line_int(&l, "from", s[i].from);
		line_int(&l, "to", s[i].to);
		line_int(&l, "from_addr", s[i].from_addr);
		line_int(&l, "to_addr", s[i].to_addr);
		line_int(&l, "from_stack", s[i].from_stack);
		line_int(&l, "to_stack", s[i].to_stack);
		line_int(&l, "thread", s[i].thread);
		line_int(&l, "from_mode", s[i].from_mode);
		line_int(&l, "to_mode", s[i].to_mode);
		line_int(&l, "times", s[i].times);
		line_int(&l, "ways", s[i].ways);
		line_int(&l, "from_born", s[i].from_born);
		line_int(&l, "to_born", s[i].to_born);
		line_close(&l, '}');
	}
	line_close(&l, ']');
	line_int(&l, "doubt", doubt);
	if (by_site)
		line_int(&l, "by_site", by_site);
	line_end(&l);
	raised();
	return true;
}

void event_order(u32 thread, const struct order_step *s, int n, bool doubt)
{
	if (write_order(thread, s, n, doubt, 0))
		log_line("lock-order-inversion: a cycle of %d locks, closed by thread %u", n,
			 thread);
}

void event_order_by_site(u32 thread, const struct order_step s[2], bool doubt, u32 id)
{
	write_order(thread, s, 2, doubt, id);
}

void event_order_apart(u32 thread, u32 id)
{
	struct line l;

	if (!line_begin(&l, "order_apart", thread, SHORT))
		return;
	line_int(&l, "by_site", id);
	line_end(&l);
}

void event_exhausted(u32 thread, const char *what, const char *err, u64 limit, u64 live, u32 stack)
{
	struct line l;

	event_stack(stack);
	if (!line_begin(&l, "exhausted", thread, SHORT))
		return;
	line_str(&l, "what", what);
	line_str(&l, "err", err);
	line_int(&l, "limit", limit);
	line_int(&l, "live", live);
	line_int(&l, "stack", stack);
	line_end(&l);
	raised();
	log_line("%s exhausted: %s with %l of %l in use", what, err, live, limit);
}

static void line_locks(struct line *l, const char *key, const u64 *addr, u32 n)
{
	if (!n)
		return;
	line_open(l, key, '[');
	for (u32 i = 0; i < n; i++)
		line_value(l, addr[i]);
	line_close(l, ']');
}

/* The same misuse at the same place again and again: told sixteen times, then at 32, 64, … All are
 * counted in table `repeat`. A place that loses its entry to another one begins anew. */
enum { MISUSES_KNOWN = 256, TOLD_SINGLY = 16 };
static struct misuse_told {
	u32 key, times, row;
} misuses_told[MISUSES_KNOWN];

static struct misuse_told *told_before(const struct event_misuse *m)
{
	u32 key = (u32)(uintptr_t)m->kind ^ m->stack * 2654435761u ^ m->other_stack * 40503u ^
		  (u32)(uintptr_t)m->detail << 3 ^ (u32)(uintptr_t)m->call << 7 ^
		  (u32)(uintptr_t)m->err << 5;
	struct misuse_told *e = &misuses_told[(key ^ key >> 16) % MISUSES_KNOWN];
	struct st_repeat *r;
	u32 i;

	if (__atomic_exchange_n(&e->key, key, __ATOMIC_RELAXED) == key)
		return e;
	i = row_new(TABLE_repeat);
	if (i != UINT32_MAX) {
		r = row_get(TABLE_repeat, i);
		r->times = r->told = 0;
		r->stack = m->stack;
		__atomic_store_n(&r->row, i, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&e->row, i == UINT32_MAX ? 0 : i, __ATOMIC_RELAXED);
	__atomic_store_n(&e->times, 0, __ATOMIC_RELAXED);
	return e;
}

/* Counts it. Is it worth a line? Then `untold` are those since the last one. */
static bool worth_telling(const struct event_misuse *m, u32 *untold, u32 *place)
{
	struct misuse_told *e = told_before(m);
	u32 row = __atomic_load_n(&e->row, __ATOMIC_RELAXED),
	    n = __atomic_add_fetch(&e->times, 1, __ATOMIC_RELAXED);
	struct st_repeat *r = row ? row_get(TABLE_repeat, row) : NULL;
	bool worth = n <= TOLD_SINGLY || !(n & (n - 1));

	if (r)
		__atomic_fetch_add(&r->times, 1, __ATOMIC_RELAXED);
	if (r && worth)
		__atomic_store_n(&r->told, n, __ATOMIC_RELAXED);
	*place = row;
	*untold = n > TOLD_SINGLY ? n / 2 - 1 : 0;
	return worth;
}

void event_misuse(u32 thread, const struct event_misuse *m)
{
	struct line l;
	u32 untold, place;

	if (!worth_telling(m, &untold, &place))
		return;
	event_stack(m->stack);
	event_stack(m->other_stack);
	event_stack(m->third_stack);
	event_stack(m->prev_stack);
	event_stack(m->prev_closed_stack);
	if (!line_begin(&l, "misuse", thread, SHORT + 800))
		return;
	line_str(&l, "kind", m->kind);
	line_int(&l, "obj", m->obj);
	line_int(&l, "addr", m->addr);
	line_signed(&l, "fd", m->fd);
	line_int(&l, "stack", m->stack);
	line_int(&l, "other", m->other);
	line_int(&l, "other_stack", m->other_stack);
	line_str(&l, "err", m->err ? m->err : "");
	line_str(&l, "call", m->call ? m->call : "");
	if (m->obj2 || m->addr2) {
		line_int(&l, "obj2", m->obj2);
		line_int(&l, "addr2", m->addr2);
	}
	if (m->obj3 || m->addr3) {
		line_int(&l, "obj3", m->obj3);
		line_int(&l, "addr3", m->addr3);
	}
	if (m->detached)
		line_int(&l, "detached", 1);
	if (m->sem_value) {
		line_int(&l, "value", m->sem_value);
		line_int(&l, "made", m->sem_made);
	}
	line_int(&l, "place", place);
	if (untold)
		line_int(&l, "untold", untold);
	if (m->third || m->third_stack) {
		line_int(&l, "third", m->third);
		line_int(&l, "third_stack", m->third_stack);
	}
	if (m->sig) {
		line_int(&l, "sig", m->sig);
		line_int(&l, "handler", m->handler);
	}
	if (m->detail)
		line_str(&l, "detail", m->detail);
	if (m->fd_kind)
		line_int(&l, "fd_kind", m->fd_kind);
	if (m->prev || m->prev_stack) {
		line_int(&l, "prev", m->prev);
		line_int(&l, "prev_stack", m->prev_stack);
		line_int(&l, "prev_closed_by", m->prev_closed_by);
		line_int(&l, "prev_closed_stack", m->prev_closed_stack);
	}
	if (m->taken_for)
		line_str(&l, "taken_for", m->taken_for);
	if (m->live) {
		line_int(&l, "live", m->live);
		line_int(&l, "limit", m->limit);
	}
	if (m->other_call) {
		line_str(&l, "other_call", m->other_call);
		line_locks(&l, "held", m->held, m->nheld);
		line_locks(&l, "other_held", m->other_held, m->nother_held);
		line_int(&l, "unsure", m->unsure);
	}
	line_end(&l);
	raised();
	log_line("%s by thread %u", m->kind, thread);
}

void event_fork(u32 thread, int child, const char *how, u32 stack)
{
	struct line l;

	event_stack(stack);
	if (!line_begin(&l, "fork", thread, SHORT))
		return;
	line_signed(&l, "child", child);
	line_str(&l, "how", how);
	line_int(&l, "stack", stack);
	line_end(&l);
}

void event_exec(u32 thread, const char *path, const char *err, u32 stack)
{
	struct line l;

	event_stack(stack);
	if (!line_begin(&l, "exec", thread, ROOM + 4096))
		return;
	line_str(&l, "path", path);
	line_str(&l, "err", err ? err : "");
	line_int(&l, "stack", stack);
	line_end(&l);
}

void event_snapshot(u32 thread, u64 fds, u64 tasks, u64 missed, u64 gone)
{
	struct line l;

	if (!line_begin(&l, "snapshot", thread, SHORT))
		return;
	line_int(&l, "fds", fds);
	line_int(&l, "tasks", tasks);
	line_int(&l, "fds_missed", missed);
	line_int(&l, "fds_gone", gone);
	line_end(&l);
}

static void two_words(const char *event, const char *k1, const char *v1, const char *k2,
		      const char *v2, u64 count)
{
	struct line l;

	if (!state || !line_begin(&l, event, 0, ROOM))
		return;
	line_str(&l, k1, v1);
	line_str(&l, k2, v2);
	if (count)
		line_int(&l, "count", count);
	line_end(&l);
}

void event_dropped(const char *what, u64 count, const char *why)
{
	two_words("dropped", "what", what, "why", why, count);
}
void event_blind(const char *what, const char *why)
{
	two_words("blind", "what", what, "why", why, 0);
}
void event_tool_error(const char *what, const char *err)
{
	two_words("tool_error", "what", what, "err", err, 0);
	log_line("tool error: %s: %s", what, err);
}

void event_end(u32 thread, const char *how, int status, u32 stack)
{
	struct line l;

	event_stack(stack);
	if (!line_begin(&l, "end", thread, SHORT))
		return;
	line_str(&l, "how", how);
	line_signed(&l, "status", status);
	line_int(&l, "stack", stack);
	line_end(&l);
}

void event_fork_child(void)
{
	modules_written = 0;
	arena_child_clear(misuses_told, sizeof(misuses_told));
	for (u32 i = 1; i < state->table[TABLE_repeat].used; i++) {
		const struct st_repeat *r = row_get(TABLE_repeat, i);

		if (r && r->row)
			row_free(TABLE_repeat, i);
	}
	for (u32 i = 1; i < state->table[TABLE_stack].used; i++) {
		struct st_stack *s = row_get(TABLE_stack, i);

		if (s)
			s->flags &= ~1u;
	}
	modules_fork_child();
}
