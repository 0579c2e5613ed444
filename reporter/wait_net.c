/* SPDX-License-Identifier: MIT */
/* The net of threads and what they wait for: see wait_net.h. Not signal-safe. */
#include <errno.h>
#include <stdlib.h>
#include "util.h"
#include "wait_net.h"

#define LONG_WAIT 1000000000u /* ns: a lock waited for that long is worth a line */
#define ROWS_MAX  (1u << 22)

/* ---- gathering ---------------------------------------------------------------------------------
 */
static int waiter_compare(const void *a, const void *b)
{
	u32 x = ((const struct waiter *)a)->serial, y = ((const struct waiter *)b)->serial;

	return x < y ? -1 : x > y;
}

static int hold_compare(const void *a, const void *b)
{
	const struct hold *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->who < y->who ? -1 : x->who > y->who;
}

static int key_compare(const void *a, const void *b)
{
	u64 x = ((const struct object *)a)->key, y = ((const struct object *)b)->key;

	return x < y ? -1 : x > y;
}

static struct waiter *thread_of(const struct waits *s, u32 serial)
{
	struct waiter key = {.serial = serial};

	return s->n ? bsearch(&key, s->w, s->n, sizeof(key), waiter_compare) : NULL;
}

struct object *wait_net_object(const struct waits *s, u64 key)
{
	struct object like = {.key = key};

	return s->no && key ? bsearch(&like, s->o, s->no, sizeof(like), key_compare) : NULL;
}

/* The first hold of ADDR, or NULL; those after it are its neighbours. */
static const struct hold *first_hold(const struct waits *s, u64 addr)
{
	u32 lo = 0, hi = s->nh;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (s->h[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return addr && lo < s->nh && s->h[lo].addr == addr ? &s->h[lo] : NULL;
}

static u64 object_key(u64 addr, u32 serial)
{
	return addr ? addr : serial ? serial | BY_SERIAL : 0;
}

static bool is_drawn(u32 call)
{
	switch (call_class(call)) {
	case CLASS_LOCK:
	case CLASS_ONCE:
	case CLASS_COND:
	case CLASS_SEM:
	case CLASS_BARRIER:
		return true;
	default:
		return false;
	}
}

static int add_waiter(struct waits *s, const struct waiter *w)
{
	int rc = array_room((void **)&s->w, s->n, &s->cap_w, sizeof(*w), ROWS_MAX);

	if (rc == 0)
		s->w[s->n++] = *w;
	return rc == -ENOSPC ? 0 : rc;
}

static int add_hold(struct waits *s, const struct hold *h)
{
	int rc = array_room((void **)&s->h, s->nh, &s->cap_h, sizeof(*h), ROWS_MAX);

	if (rc == 0)
		s->h[s->nh++] = *h;
	return rc == -ENOSPC ? 0 : rc;
}

/* Waits that only those of the process could end, and nobody does. */
static void add_stuck(struct waits *s, struct waiter *w)
{
	const struct wake_thread *t = wake_find(&s->wake, w->serial);

	if (!t || !t->stuck)
		return;
	w->stuck = (t->kind == WAKE_OBJECT || t->fd) &&
		   (t->waited_for || t->ring || t->behind || s->wake.whole);
	if (!w->key && t->fd)
		w->key = BY_FD | (u32)t->fd->num;
}

static int add_live(struct waits *s, const struct st_live *l)
{
	struct waiter w = {.serial = l->thread,
			   .call = l->wait_call,
			   .flags = l->wait_flags,
			   .stack = l->wait_stack,
			   .fd = l->wait_fd,
			   .pc = l->wait_pc,
			   .since = l->wait_since};

	if (call_class(w.call) == CLASS_JOIN)
		w.join = l->wait_obj;
	if (is_drawn(w.call)) {
		w.key = object_key(l->wait_addr, l->wait_obj);
		w.obj = l->wait_obj;
	}
	add_stuck(s, &w);
	w.lasts = call_class(w.call) == CLASS_LOCK && w.since && s->p->facts.ended_at > w.since &&
		  s->p->facts.ended_at - w.since >= LONG_WAIT;
	return add_waiter(s, &w);
}

static u32 held_rows(const struct st_live *l)
{
	return l->nheld < HELD_MAX ? l->nheld : HELD_MAX;
}

static int add_holds(struct waits *s)
{
	FOR_EACH_ROW(s->p, live, l)
	{
		const struct waiter *w = thread_of(s, l->thread);

		for (u32 i = 0; w && i < held_rows(l); i++) {
			const struct st_held *x = &l->held[i];
			struct hold h = {x->addr, x->pc, (u32)(w - s->w), x->stack, x->mode};

			if (x->addr && add_hold(s, &h))
				return -ENOMEM;
		}
	}
	if (s->nh)
		qsort(s->h, s->nh, sizeof(*s->h), hold_compare);
	return 0;
}

/* Inside a lock call for a lock that looked free: if another has it, that was faster and this one
 * waits; else this one has got it (trace_schema.h, live.acquiring). */
static int settle_announced(struct waits *s)
{
	static const u32 call[] = {[HELD_MUTEX] = CALL_mutex_lock,
				   [HELD_READ] = CALL_rwlock_rdlock,
				   [HELD_WRITE] = CALL_rwlock_wrlock,
				   [HELD_SPIN] = CALL_spin_lock,
				   [HELD_ONCE] = CALL_once};
	u32 before = s->nh;
	int rc = 0;

	FOR_EACH_ROW(s->p, live, l)
	{
		const struct st_held *x = &l->held[l->nheld < HELD_MAX ? l->nheld : 0];
		struct waiter *w = thread_of(s, l->thread);
		struct hold h = {x->addr, x->pc, w ? (u32)(w - s->w) : 0, x->stack, x->mode};
		const struct hold *has;

		if (!w || !l->acquiring || l->wait_call || l->nheld >= HELD_MAX || !x->addr ||
		    x->mode >= sizeof(call) / sizeof(*call))
			continue;
		u32 all = s->nh;

		s->nh = before; /* those announced in this loop are at the end, not sorted */
		has = first_hold(s, x->addr);
		s->nh = all;
		if (has && s->w[has->who].serial != l->thread) {
			w->call = call[x->mode];
			w->key = x->addr;
			w->stack = x->stack;
			w->pc = x->pc;
		} else if ((rc = add_hold(s, &h))) {
			return rc;
		}
	}
	if (s->nh > before)
		qsort(s->h, s->nh, sizeof(*s->h), hold_compare);
	return 0;
}

static u32 get(const json_t *js, const char *key)
{
	return (u32)json_u64(json_object_get(js, key));
}

/* A member of a ring that was told, as a waiter. */
static struct waiter told_waiter(const json_t *m, const json_t *next)
{
	const char *call = json_string_value(json_object_get(m, "wait"));
	struct waiter w = {.serial = get(m, "thread"),
			   .call = call ? number_named(TABLE_live, "wait_call", call) : 0,
			   .stack = get(m, "wait_stack"),
			   .obj = get(m, "obj"),
			   .fd = -1};

	if (call_class(w.call) == CLASS_JOIN)
		w.join = get(next, "thread");
	else
		w.key = object_key(json_u64(json_object_get(m, "addr")), w.obj);
	return w;
}

/* Deadlocks last; without a state file, or without its `live` rows, the lines are what there is. */
static int add_told(struct waits *s, bool holds)
{
	u32 had = s->n;

	FOR_EACH_EVENT(s->p, "deadlock", e)
	{
		const json_t *ring = json_object_get(e->js, "ring"), *m;
		size_t i, n = json_array_size(ring);

		json_array_foreach (ring, i, m) {
			const json_t *next = json_array_get(ring, (i + 1) % n);
			struct waiter w = told_waiter(m, next);
			u32 holder = get(next, "thread");
			struct hold h = {w.key, 0, 0, get(m, "hold_stack"), 0};
			const struct waiter *is;

			if (process_live(s->p, w.serial) || process_live(s->p, holder))
				continue;
			if (!holds && w.serial && add_waiter(s, &w))
				return -ENOMEM;
			is = holds ? thread_of(s, holder) : NULL;
			h.who = is ? (u32)(is - s->w) : 0;
			if (is && w.key && add_hold(s, &h))
				return -ENOMEM;
		}
	}
	if (holds && s->nh)
		qsort(s->h, s->nh, sizeof(*s->h), hold_compare);
	if (s->n > had)
		qsort(s->w, s->n, sizeof(*s->w), waiter_compare);
	return 0;
}

static void drop_repeated_waiters(struct waits *s)
{
	u32 n = 0;

	for (u32 i = 0; i < s->n; i++)
		if (!n || s->w[n - 1].serial != s->w[i].serial)
			s->w[n++] = s->w[i];
	s->n = n;
}

static int gather(struct waits *s)
{
	int rc = 0;

	FOR_EACH_ROW(s->p, live, l)
	if (rc == 0)
		rc = add_live(s, l);
	if (s->n)
		qsort(s->w, s->n, sizeof(*s->w), waiter_compare);
	rc = rc ? rc : add_told(s, false);
	drop_repeated_waiters(s);
	rc = rc ? rc : add_holds(s);
	rc = rc ? rc : settle_announced(s);
	return rc ? rc : add_told(s, true);
}

/* ---- the net -----------------------------------------------------------------------------------
 */
static int find_objects(struct waits *s)
{
	u32 n = 0;

	s->o = calloc((size_t)s->n + 1, sizeof(*s->o));
	if (!s->o)
		return -ENOMEM;
	for (u32 i = 0; i < s->n; i++)
		if (s->w[i].key)
			s->o[s->no++] = (struct object){
			    .key = s->w[i].key, .serial = s->w[i].obj, .crowd = GRAPH_NONE};
	if (s->no)
		qsort(s->o, s->no, sizeof(*s->o), key_compare);
	for (u32 i = 0; i < s->no; i++)
		if (!n || s->o[n - 1].key != s->o[i].key)
			s->o[n++] = s->o[i];
	s->no = n;
	for (u32 i = 0; i < s->n; i++)
		if (s->w[i].call == CALL_rwlock_wrlock && s->w[i].key)
			wait_net_object(s, s->w[i].key)->writer_waits = true;
	return 0;
}

/* Readers keep no reader out unless a writer waits between them. */
static bool may_pass(const struct waiter *w, const struct object *o, const struct hold *h)
{
	return w->call == CALL_rwlock_rdlock && h->mode == HELD_READ && !o->writer_waits;
}

/* Does this wait end without the holders of O? */
static bool opens_by_itself(const struct waits *s, const struct waiter *w, const struct object *o)
{
	bool all_pass = true, any = false;

	if (w->flags & (WF_TIMED | WF_NONBLOCK))
		return true;
	for (const struct hold *h = first_hold(s, o->key);
	     h && h < s->h + s->nh && h->addr == o->key && !any; h++) {
		any = !may_pass(w, o, h);
		all_pass &= !any;
	}
	return all_pass;
}

static u32 gone_vertex(struct waits *s, u32 serial)
{
	u32 i = 0;

	while (i < s->ng && s->g[i].serial != serial)
		i++;
	if (i == s->ng) {
		if (array_room((void **)&s->g, s->ng, &s->cap_g, sizeof(*s->g), GRAPH_NODES_MAX))
			return GRAPH_NONE;
		s->g[s->ng++].serial = serial;
	}
	return s->n + s->no + i;
}

/* Who could have woken a thread that is stuck, living or not; one arc an object and thread. */
static int link_wakers(struct waits *s)
{
	const struct wake *k = &s->wake;

	for (u32 i = 0; i < k->nparties; i++) {
		const struct wake_party *y = &k->party[i];
		const struct waiter *w = thread_of(s, k->thread[y->waiter].serial);
		const struct object *o = w && w->stuck ? wait_net_object(s, w->key) : NULL;
		const struct waiter *by = y->at == WAKE_GONE ? NULL : thread_of(s, y->thread);
		struct arc a = {.ref = i, .kind = EDGE_WAKES, .soft = !y->ring};
		bool had = false;

		if (!o || y->how == PARTY_JOINED ||
		    (y->how == PARTY_HOLDS && k->thread[y->waiter].kind == WAKE_LOCK))
			continue;
		a.from = s->n + (u32)(o - s->o);
		a.to = y->at == WAKE_GONE ? gone_vertex(s, y->thread)
		       : by		  ? (u32)(by - s->w)
					  : GRAPH_NONE;
		for (u32 j = s->net.m; j-- > 0 && !had && s->net.arc[j].kind == EDGE_WAKES;)
			had = s->net.arc[j].from == a.from && s->net.arc[j].to == a.to;
		if (a.to != GRAPH_NONE && !had && net_arc(&s->net, a))
			return -ENOMEM;
	}
	return 0;
}

/* Part of a ring that goes through what others would have to do. */
static bool is_wake_ring(const struct waits *s, const struct waiter *w)
{
	const struct wake_thread *t = wake_find(&s->wake, w->serial);

	return t && t->ring;
}

static int link_net(struct waits *s)
{
	for (u32 i = 0; i < s->n; i++) {
		const struct waiter *w = &s->w[i], *to = w->join ? thread_of(s, w->join) : NULL;
		const struct object *o = wait_net_object(s, w->key);
		struct arc a = {.from = i, .kind = EDGE_WAITS};

		if (!to && !o)
			continue;
		a.to = to ? (u32)(to - s->w) : s->n + (u32)(o - s->o);
		a.soft = to ? w->flags & (WF_TIMED | WF_NONBLOCK)
			    : !is_wake_ring(s, w) && opens_by_itself(s, w, o);
		if (net_arc(&s->net, a))
			return -ENOMEM;
	}
	for (u32 i = 0; i < s->nh; i++) {
		const struct object *o = wait_net_object(s, s->h[i].addr);
		struct arc a = {.to = s->h[i].who, .ref = i, .kind = EDGE_HELD};

		a.from = o ? s->n + (u32)(o - s->o) : 0;
		if (o && net_arc(&s->net, a))
			return -ENOMEM;
	}
	if (link_wakers(s))
		return -ENOMEM;
	s->net.n = s->n + s->no + s->ng;
	return net_finish(&s->net);
}

int wait_net_make(struct waits *s)
{
	int rc = wake_make(&s->wake, s->p);

	rc = rc ? rc : gather(s);
	rc = rc ? rc : find_objects(s);
	return rc ? rc : link_net(s);
}

void wait_net_free(struct waits *s)
{
	free(s->w);
	free(s->h);
	free(s->o);
	free(s->g);
	wake_free(&s->wake);
	net_free(&s->net);
}
