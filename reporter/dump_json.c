/* SPDX-License-Identifier: MIT */
/*
 * A dump for programs ("pitfall-dump/1"). Keys are always there; what is not known is null.
 * Reporter only.
 */
#include "dump.h"
#include "proc.h"

static json_t *count_or_null(long v)
{
	return v >= 0 ? json_integer(v) : json_null();
}

static json_t *string_or_null(const char *s)
{
	json_t *j = s && *s ? json_string(s) : NULL;

	return j ? j : json_null(); /* also when it is no UTF-8 */
}

static json_t *address(u64 a)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)a);
	return a ? json_string(text) : json_null();
}

static json_t *sync_json(const struct dump *d, u32 serial, u64 addr)
{
	const struct st_sync *s = process_sync(d->p, serial);

	if (!s || (addr && s->addr != addr))
		s = process_sync_at(d->p, addr);
	if (!s && !addr)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "kind",
			 string_or_null(s ? sync_kind_name(s->kind) : NULL), "id",
			 s ? json_integer(s->serial) : json_null(), "name",
			 string_or_null(s && *s->name ? s->name : process_variable_at(d->p, addr)),
			 "address", address(addr));
}

static json_t *fd_json(const struct dump *d, int num)
{
	const struct st_fd *f = process_fd(d->p, num);
	char what[512] = "";

	if (num < 0)
		return json_null();
	if (d->alive)
		proc_fd(d->pid, num, what, sizeof(what));
	return json_pack("{s:i, s:o, s:o, s:o}", "number", num, "kind",
			 f ? json_string(fd_kind_name(f->kind)) : json_null(), "target",
			 string_or_null(what), "created",
			 f ? frames_json(process_frames(d->p, f->stack)) : json_array());
}

static json_t *wait_json(const struct dump *d, u32 i)
{
	const struct st_live *l = d->thread[i].live;
	enum trace_call_class class;
	json_t *held_by;

	if (!l || !l->wait_call)
		return json_null();
	class = call_class(l->wait_call);
	held_by = json_array();
	for (u32 to = 0; (to = dump_holder(d, i, to)) < d->n; to++)
		json_array_append_new(held_by, json_integer(d->thread[to].serial));
	return json_pack(
	    "{s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "call", call_name(l->wait_call), "object",
	    class == CLASS_JOIN ? json_null() : sync_json(d, l->wait_obj, l->wait_addr), "thread",
	    class == CLASS_JOIN && l->wait_obj ? json_integer(l->wait_obj) : json_null(), "fd",
	    fd_json(d, l->wait_fd), "seconds",
	    l->wait_since && d->now >= l->wait_since
		? json_real((double)(d->now - l->wait_since) / 1e9)
		: json_null(),
	    "timed", (l->wait_flags & WF_TIMED) != 0, "held_by", held_by, "stack",
	    frames_json(dump_wait_frames(d, &d->thread[i])));
}

static const char *mode_name(u32 mode)
{
	return mode == HELD_READ ? "read" : mode == HELD_WRITE ? "write" : "exclusive";
}

static json_t *held_json(const struct dump *d, const struct dump_thread *t)
{
	json_t *all = json_array();

	for (u32 i = 0; i < dump_nheld(t); i++) {
		const struct st_held *h = &t->live->held[i];

		if (!h->addr)
			continue;
		json_array_append_new(all, json_pack("{s:o, s:s, s:i, s:o}", "object",
						     sync_json(d, 0, h->addr), "mode",
						     mode_name(h->mode), "count", (int)h->count,
						     "stack", frames_json(dump_held_frames(d, h))));
	}
	return all;
}

/* What the kernel says: also of threads whose calls are not seen. */
static json_t *syscall_json(const struct dump *d, const struct dump_thread *t)
{
	const char *name;
	int fd;

	if (!d->alive || proc_syscall(d->pid, (pid_t)t->tid, &name, &fd))
		return json_null();
	return json_pack("{s:s, s:o}", "name", name, "fd", fd_json(d, fd));
}

static json_t *thread_json(const struct dump *d, u32 i)
{
	const struct dump_thread *t = &d->thread[i];
	const char state[2] = {t->state, 0};

	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:o, s:o}", "serial",
			 t->serial ? json_integer(t->serial) : json_null(), "tid", (int)t->tid,
			 "name", string_or_null(t->name), "state", string_or_null(state), "syscall",
			 syscall_json(d, t), "waits", wait_json(d, i), "holds", held_json(d, t));
}

json_t *dump_json(const struct dump *d)
{
	json_t *threads = json_array(), *ring = json_array(), *counts = json_object();

	for (u32 i = 0; i < d->n; i++)
		json_array_append_new(threads, thread_json(d, i));
	for (u32 i = 0; i < d->nring; i++)
		json_array_append_new(ring, json_integer(d->thread[d->ring[i]].serial));
	for (size_t i = 0; i < sizeof(d->count) / sizeof(*d->count); i++)
		json_object_set_new(counts, d->count[i].what,
				    json_pack("{s:o, s:o, s:o}", "now",
					      count_or_null(d->count[i].now), "peak",
					      count_or_null(d->count[i].peak), "limit",
					      count_or_null(d->count[i].limit)));
	return json_pack("{s:s, s:o, s:b, s:o, s:o, s:o}", "schema", "pitfall-dump/1", "process",
			 facts_json(&d->p->facts), "alive", d->alive, "threads", threads, "ring",
			 ring, "counts", counts);
}
