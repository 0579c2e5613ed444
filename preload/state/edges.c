/* SPDX-License-Identifier: MIT */
/*
 * Owns: edges, by (from, to), and each object's list of outgoing ones. See edges.h.
 * Edge rows name their ends by serial, so that a row of a dead object is never taken for its
 * successor.
 */
#include "state/edges.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"

enum { BUCKETS = 1 << 13 };

static struct {
	unsigned lock;
	u32 buckets; /* offset in the state / 64 */
} APART edges;

static u32 *bucket(u32 from, u32 to)
{
	u32 *heads = arena_heads(&edges.buckets, BUCKETS);

	return heads ? &heads[(from * 2654435761u ^ to * 40503u) % BUCKETS] : NULL;
}

struct st_edge *edge_row(u32 row)
{
	return row ? row_get(TABLE_edge, row) : NULL;
}

static u32 serial_of(u32 row)
{
	struct st_sync *s = row_get(TABLE_sync, row);

	/* One that died gives its edges up under edges.lock after this mark: none may come
	 * afterwards. */
	return s && !__atomic_load_n(&s->died, __ATOMIC_ACQUIRE) ? s->serial : 0;
}

static u32 find(u32 from, u32 to)
{
	u32 *b = edges.buckets ? bucket(from, to) : NULL,
	    i = b ? __atomic_load_n(b, __ATOMIC_ACQUIRE) : 0;

	for (int steps = 0; i && steps < 10000; steps++) {
		struct st_edge *e = edge_row(i);

		if (!e)
			return 0;
		if (e->from == from && e->to == to)
			return i;
		i = e->next;
	}
	return 0;
}

u32 edge_find(u32 from, u32 to)
{
	return find(serial_of(from), serial_of(to));
}

bool edge_has_news(const struct st_edge *known, const struct edge_new *e)
{
	return known->era != e->era || known->gate0 || known->gate1 || known->gate2 ||
	       known->gate3 || (known->thread != e->thread && !(known->flags & EDGE_SHARED)) ||
	       (known->from_mode == HELD_READ && e->from_mode != HELD_READ) ||
	       (known->to_mode == HELD_READ && e->to_mode != HELD_READ);
}

/* A gate protects an edge only if it was held at every acquisition. True if one was lost. */
static bool keep_common_gates(struct st_edge *e, const struct edge_new *n)
{
	u32 *gate[] = {&e->gate0, &e->gate1, &e->gate2, &e->gate3};
	bool lost = false;

	for (int k = 0; k < 4; k++) {
		bool still = !*gate[k];

		for (u32 i = 0; i < n->ngates && !still; i++)
			still = serial_of(n->gates[i]) == *gate[k];
		if (!still)
			*gate[k] = 0;
		lost |= !still;
	}
	return lost;
}

/* Who made it, how and under which gates counts from now on. */
static void set_facts(struct st_edge *e, const struct edge_new *n)
{
	e->from_stack = n->from_stack;
	e->to_stack = n->to_stack;
	e->thread = n->thread;
	e->era = n->era;
	e->from_mode = n->from_mode;
	e->to_mode = n->to_mode;
	e->gate0 = n->ngates > 0 ? serial_of(n->gates[0]) : 0;
	e->gate1 = n->ngates > 1 ? serial_of(n->gates[1]) : 0;
	e->gate2 = n->ngates > 2 ? serial_of(n->gates[2]) : 0;
	e->gate3 = n->ngates > 3 ? serial_of(n->gates[3]) : 0;
}

static bool note_news(struct st_edge *e, const struct edge_new *n)
{
	bool news;

	if (e->era != n->era) {
		set_facts(e, n);
		e->flags &= ~(u32)EDGE_SHARED;
		return true;
	}
	news = keep_common_gates(e, n);

	if (e->thread != n->thread && !(e->flags & EDGE_SHARED)) {
		__atomic_fetch_or(&e->flags, EDGE_SHARED, __ATOMIC_RELAXED);
		news = true;
	}
	if (e->from_mode == HELD_READ && n->from_mode != HELD_READ) {
		e->from_mode = n->from_mode;
		news = true;
	}
	if (e->to_mode == HELD_READ && n->to_mode != HELD_READ) {
		e->to_mode = n->to_mode;
		news = true;
	}
	return news;
}

static u32 insert(const struct edge_new *n, u32 from, u32 to)
{
	struct st_sync *s = row_get(TABLE_sync, n->from), *d = row_get(TABLE_sync, n->to);
	u32 *b = bucket(from, to), i = b && s && d ? row_new(TABLE_edge) : UINT32_MAX;
	struct st_edge *e;

	if (i == UINT32_MAX)
		return 0;
	e = edge_row(i);
	set_facts(e, n);
	e->born = clock_coarse();
	e->to = to;
	e->from = from;
	e->out = s->edges;
	s->edges = i;
	e->in = d->in_edges;
	d->in_edges = i;
	e->from_row = n->from;
	e->to_row = n->to;
	e->next = *b;
	__atomic_store_n(b, i, __ATOMIC_RELEASE);
	return i;
}

u32 edge_add(const struct edge_new *n, bool *news)
{
	struct lock_guard g = lock_acquire(&edges.lock);
	u32 from = serial_of(n->from), to = serial_of(n->to), i;

	*news = false;
	i = find(from, to);
	if (i) {
		*news = note_news(edge_row(i), n);
	} else if (from && to) {
		i = insert(n, from, to);
		*news = i != 0;
	}
	lock_release(&g);
	return i;
}

/* Takes row i out of the list that starts at *link and goes on through `out` or `in`. */
static void unlink_from(u32 *link, u32 i, bool in)
{
	while (*link && *link != i) {
		struct st_edge *e = edge_row(*link);

		link = in ? &e->in : &e->out;
	}
	if (*link == i)
		*link = in ? edge_row(i)->in : edge_row(i)->out;
}

static void remove_edge(u32 i)
{
	struct st_edge *e = edge_row(i);
	struct st_sync *from = row_get(TABLE_sync, e->from_row),
		       *to = row_get(TABLE_sync, e->to_row);
	u32 *b = bucket(e->from, e->to);

	while (b && *b && *b != i)
		b = &edge_row(*b)->next;
	if (b && *b == i)
		*b = e->next;
	if (from)
		unlink_from(&from->edges, i, false);
	if (to)
		unlink_from(&to->in_edges, i, true);
	row_free(TABLE_edge, i);
}

void edges_drop(struct st_sync *s)
{
	struct lock_guard g;

	if (!s->edges && !s->in_edges)
		return;
	g = lock_acquire(&edges.lock);
	while (s->edges)
		remove_edge(s->edges);
	while (s->in_edges)
		remove_edge(s->in_edges);
	lock_release(&g);
}

static void relink(u32 i, void *row)
{
	struct st_edge *e = row;
	struct st_sync *from = row_get(TABLE_sync, e->from_row),
		       *to = row_get(TABLE_sync, e->to_row);
	u32 *b = bucket(e->from, e->to);

	if (!b || !from || !to || from->serial != e->from || to->serial != e->to || from->died ||
	    to->died) {
		row_free(TABLE_edge, i);
		return;
	}
	e->out = from->edges;
	from->edges = i;
	e->in = to->in_edges;
	to->in_edges = i;
	e->next = *b;
	*b = i;
}

/* After sync_fork_child(). */
void edges_fork_child(void)
{
	edges.lock = 0;
	if (!arena_torn())
		return;
	if (edges.buckets)
		arena_child_clear((char *)state + (size_t)edges.buckets * 64,
				  BUCKETS * sizeof(u32));
	rows_each(TABLE_edge, relink);
}
