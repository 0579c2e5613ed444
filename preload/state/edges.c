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
#include "state/order.h"

enum { BUCKETS = 1 << 13, USES_MAX = 42, USES_BYTES = 8 << 20 };

static struct {
	unsigned lock;
	u32 buckets;  /* offset in the state / 64 */
	size_t bytes; /* in uses */
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

u32 edge_end_serial(u32 row)
{
	struct st_sync *s = row_get(TABLE_sync, row);

	/* One that died gives its edges up under edges.lock after this mark: none may come
	 * afterwards. */
	return s && !__atomic_load_n(&s->died, __ATOMIC_ACQUIRE) ? s->serial : 0;
}

struct lock_guard edges_hold(void)
{
	return lock_acquire(&edges.lock);
}

u32 edge_find(u32 from, u32 to)
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

/* ---- uses --------------------------------------------------------------------------------------
 */

/* In private memory. */
struct uses {
	u32 n, room;
	struct edge_use use[];
};

static size_t size_of(u32 room)
{
	return sizeof(struct uses) + room * sizeof(struct edge_use);
}

static struct uses *uses_of(const struct st_edge *e)
{
	return e->era == order_world() ? (struct uses *)(uintptr_t)e->uses : NULL;
}

const struct edge_use *edge_uses(const struct st_edge *e, u32 *n)
{
	const struct uses *u = uses_of(e);

	*n = u ? u->n : 0;
	return u ? u->use : NULL;
}

static void uses_free(struct st_edge *e)
{
	struct uses *u = uses_of(e);

	if (u) {
		edges.bytes -= size_of(u->room);
		arena_private_free(u, size_of(u->room));
	}
	e->uses = e->nuses = 0;
}

/* Room for one more; NULL: there is none. */
static struct uses *uses_grow(struct st_edge *e)
{
	struct uses *u = uses_of(e), *more;
	u32 room = u ? u->room * 2 + (u->room % 2 == 0)
		     : 2; /* 2, 5, 10, 21, 42: what fits powers of two */

	if (u && u->n < u->room)
		return u;
	if (room > USES_MAX || edges.bytes + size_of(room) > USES_BYTES)
		return NULL;
	more = arena_private(size_of(room));
	if (!more)
		return NULL;
	if (u)
		memcpy(more, u, size_of(u->n));
	uses_free(e);
	more->room = room;
	edges.bytes += size_of(room);
	e->uses = (u64)(uintptr_t)more;
	return more;
}

static bool gate_kept(const struct edge_use *u, u32 gate, bool read)
{
	for (int i = 0; i < EDGE_GATES; i++)
		if (u->gates[i] == gate && (read || !(u->read_gates >> i & 1)))
			return true;
	return false;
}

/* Could `a` meet whatever `b` could meet? Then its other locks are among b's, and it reads only
 * where b does. */
static bool as_dangerous(const struct edge_use *a, const struct edge_use *b)
{
	for (int i = 0; i < EDGE_GATES; i++)
		if (a->gates[i] && !gate_kept(b, a->gates[i], a->read_gates >> i & 1))
			return false;
	return a->in_once <= b->in_once &&
	       (a->from_mode != HELD_READ || b->from_mode == HELD_READ) &&
	       (a->to_mode != HELD_READ || b->to_mode == HELD_READ);
}

static bool same_way(const struct edge_use *a, const struct edge_use *b)
{
	return a->thread == b->thread && as_dangerous(a, b) && as_dangerous(b, a);
}

/* Drops what came before for certain and is no more dangerous, and adds the new one. */
static void uses_add(struct thread *t, struct st_edge *e, const struct edge_use *n)
{
	struct uses *u = uses_of(e);
	u32 count = u ? u->n : 0, kept = 0;

	for (u32 i = 0; i < count; i++)
		if (!(as_dangerous(n, &u->use[i]) &&
		      (u->use[i].thread == n->thread ||
		       order_before(u->use[i].stamp, t) == ORDER_YES)))
			u->use[kept++] = u->use[i];
	if (u)
		u->n = kept;
	u = uses_grow(e);
	if (u)
		u->use[u->n++] = *n;
	else
		__atomic_fetch_or(&e->flags, EDGE_MANY, __ATOMIC_RELAXED);
	e->nuses = u ? u->n : kept;
}

/* Of an edge that the parent of this forked child had made. */
static void begin_world(struct st_edge *e)
{
	if (e->era == order_world())
		return;
	e->uses = e->nuses = e->times = 0; /* the fork has wiped them */
	e->flags = 0;
	e->era = order_world();
}

/* What the table says of all uses together. */
static void sum_up(struct st_edge *e, const struct edge_use *n)
{
	u32 *gate[] = {&e->gate0, &e->gate1, &e->gate2, &e->gate3};

	if (!e->times++) {
		e->thread = n->thread;
		e->from_stack = n->from_stack;
		e->to_stack = n->to_stack;
		e->from_mode = n->from_mode;
		e->to_mode = n->to_mode;
		for (int i = 0; i < EDGE_GATES; i++)
			*gate[i] = n->gates[i];
		return;
	}
	for (int i = 0; i < EDGE_GATES; i++)
		if (*gate[i] && !gate_kept(n, *gate[i], true))
			*gate[i] = 0;
	if (e->thread != n->thread)
		__atomic_fetch_or(&e->flags, EDGE_SHARED, __ATOMIC_RELAXED);
	if (n->from_mode != HELD_READ)
		e->from_mode = n->from_mode;
	if (n->to_mode != HELD_READ)
		e->to_mode = n->to_mode;
}

/* ---- edges -------------------------------------------------------------------------------------
 */

u32 edge_again(struct edge_new *n)
{
	struct lock_guard g;
	struct uses *u;
	u32 row = edge_find(n->from_serial, n->to_serial), found = 0;

	if (!row)
		return 0;
	g = lock_acquire(&edges.lock);
	row = edge_find(n->from_serial, n->to_serial);
	u = row ? uses_of(edge_row(row)) : NULL;
	for (u32 i = 0; u && i < u->n && !found; i++) {
		if (!same_way(&u->use[i], &n->use))
			continue;
		u->use[i].stamp = n->use.stamp;
		n->use = u->use[i];
		edge_row(row)->times++;
		found = row;
	}
	lock_release(&g);
	return found;
}

static u32 insert(const struct edge_new *n)
{
	struct st_sync *s = row_get(TABLE_sync, n->from), *d = row_get(TABLE_sync, n->to);
	u32 from = n->from_serial, to = n->to_serial, *b = bucket(from, to),
	    i = b && s && d ? row_new(TABLE_edge) : UINT32_MAX;
	struct st_edge *e;

	if (i == UINT32_MAX)
		return 0;
	e = edge_row(i);
	e->era = order_world();
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

u32 edge_add(struct thread *t, const struct edge_new *n)
{
	struct lock_guard g = lock_acquire(&edges.lock);
	u32 i = 0;

	if (edge_end_serial(n->from) == n->from_serial && edge_end_serial(n->to) == n->to_serial) {
		i = edge_find(n->from_serial, n->to_serial);
		if (!i)
			i = insert(n);
	}
	if (i) {
		struct st_edge *e = edge_row(i);

		begin_world(e);
		uses_add(t, e, &n->use);
		sum_up(e, &n->use);
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
	uses_free(e);
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
	edges.bytes = 0;
	if (!arena_torn())
		return;
	if (edges.buckets)
		arena_child_clear((char *)state + (size_t)edges.buckets * 64,
				  BUCKETS * sizeof(u32));
	rows_each(TABLE_edge, relink);
}
