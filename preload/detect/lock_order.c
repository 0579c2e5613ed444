/* SPDX-License-Identifier: MIT */
/*
 * Owns: new edges, the search for the cycle an edge closes, and what makes a cycle harmless. A
 * cycle is told where its edges can be in the making at one time: for each edge one use
 * (state/edges.h), of different threads, none of them ordered before the one that is being made now
 * (state/order.h), no two under a common gate lock, and no object at which only readers meet. Where
 * that rests on an order that is not known, it is told as doubtful. Signal-safe; no lock held while
 * it writes.
 */
#include "detect/lock_order.h"

#include "detect/lock_class.h"
#include "state/edges.h"
#include "state/order.h"
#include "trace/event.h"

enum { LENGTH = ORDER_STEPS_MAX, STEPS = 20000, STEPS_AGAIN = 500, PICKS = 2000, CYCLES = 200 };

struct cycle {
	struct thread *t;
	u32 edge[LENGTH];		    /* rows; edge[0] is the one being made */
	const struct edge_use *use[LENGTH]; /* one of each, that can meet; use[0] is ours */
	int n, limit, told_up_to;	    /* edges; at most; shorter ones were looked at */
	int steps, picks;		    /* left */
	u32 goal;			    /* serial of the object to come back to */
	u32 leads;			    /* mark of the edges that lead there; 0: not known */
	bool doubt;			    /* uses that may be ordered are taken, too */
};

static enum sync_kind kind_of(u8 mode)
{
	return mode == HELD_READ || mode == HELD_WRITE ? SYNC_rwlock
	       : mode == HELD_SPIN		       ? SYNC_spin
						       : SYNC_mutex;
}

/* ---- can these uses meet? ----------------------------------------------------------------------
 */

/* A lock held by both, at least by one of them for itself alone. */
static bool common_gate(const struct edge_use *a, const struct edge_use *b)
{
	for (int i = 0; i < EDGE_GATES; i++)
		for (int k = 0; a->gates[i] && k < EDGE_GATES; k++)
			if (a->gates[i] == b->gates[k] &&
			    !(a->read_gates >> i & b->read_gates >> k & 1))
				return true;
	return false;
}

/* `first` waits for an object that `next` holds. Two readers don't wait for each other; but where
 * writers go first, one that comes between makes them, which is to be suspected. */
static bool waits_for(const struct cycle *c, int edge, const struct edge_use *first,
		      const struct edge_use *next)
{
	const struct st_sync *s;

	if (first->to_mode != HELD_READ || next->from_mode != HELD_READ)
		return true;
	s = row_get(TABLE_sync, edge_row(c->edge[edge])->to_row);
	return c->doubt && s && s->flags & SF_WRITERS_FIRST;
}

static bool can_meet(const struct cycle *c, int nth, const struct edge_use *u)
{
	if (!waits_for(c, nth - 1, c->use[nth - 1], u) ||
	    (nth == c->n - 1 && !waits_for(c, nth, u, c->use[0])))
		return false;
	for (int i = 0; i < nth; i++) {
		const struct edge_use *other = c->use[i];

		if (other->thread == u->thread || common_gate(other, u))
			return false;
		if (i && !c->doubt && order_between(other->stamp, u->stamp) != ORDER_NO)
			return false;
	}
	return true;
}

/* It was not over before what we do now. */
static bool is_open(const struct cycle *c, const struct edge_use *u)
{
	enum order o = u->thread == c->t->serial ? ORDER_YES : order_before(u->stamp, c->t);

	return (o == ORDER_NO && (c->doubt || !u->in_once)) || (c->doubt && o == ORDER_UNKNOWN);
}

/* More threads made it than are kept: one of them may still be at it. */
static bool may_be_open(const struct cycle *c, const struct st_edge *e)
{
	return c->doubt && e->flags & EDGE_MANY;
}

static bool pick(struct cycle *c, int nth)
{
	const struct st_edge *e;
	const struct edge_use *u;
	u32 count;

	if (nth == c->n)
		return true;
	e = edge_row(c->edge[nth]);
	u = edge_uses(e, &count);
	for (u32 i = 0; i < count && c->picks-- > 0; i++) {
		if ((!is_open(c, &u[i]) && !may_be_open(c, e)) || !can_meet(c, nth, &u[i]))
			continue;
		c->use[nth] = &u[i];
		if (pick(c, nth + 1))
			return true;
	}
	return false;
}

/* All of it was part of a told cycle before: the same one, most likely. */
static bool told_before(const struct cycle *c)
{
	u32 known = EDGE_TOLD | (c->doubt ? EDGE_SUSPECTED : 0);

	for (int i = 0; i < c->n; i++)
		if (!(edge_row(c->edge[i])->flags & known))
			return false;
	return true;
}

static bool worth_telling(struct cycle *c)
{
	c->picks = PICKS;
	return c->n > c->told_up_to && !told_before(c) && pick(c, 1);
}

/* ---- the search --------------------------------------------------------------------------------
 */

static const struct st_edge *first_out(const struct cycle *c, u32 *row)
{
	const struct st_edge *e = edge_row(c->edge[c->n - 1]);
	const struct st_sync *s = row_get(TABLE_sync, e->to_row);

	*row = s && s->serial == e->to ? s->edges : 0;
	return edge_row(*row);
}

static bool visited(const struct cycle *c, u32 serial)
{
	for (int k = 0; k < c->n; k++)
		if (edge_row(c->edge[k])->from == serial)
			return true;
	return false;
}

/* Nothing that all its makers had done with before leads anywhere. */
static bool leads_on(const struct cycle *c, const struct st_edge *e)
{
	u32 count;
	const struct edge_use *u = edge_uses(e, &count);

	if (may_be_open(c, e))
		return true;
	for (u32 i = 0; i < count; i++)
		if (is_open(c, &u[i]))
			return true;
	return false;
}

/* Marks what leads to the goal, backwards from there, each edge once: a list or a tree whose locks
 * are taken hand over hand has ways without number, and none of them back. False: nothing leads
 * there from the end of the edge being made. Where there is too much of it, all may lead there. */
static bool mark_ways(struct cycle *c)
{
	static u32 marks; /* even: looked at; that + 1: leads to the goal */
	u32 seen = marks += 2, first = c->edge[0], last = first, start = edge_row(first)->to;
	bool found = false;

	edge_row(first)->queued = 0;
	for (u32 at = first; at; at = edge_row(at)->queued) {
		const struct st_edge *from = edge_row(at);
		const struct st_sync *s = row_get(TABLE_sync, from->from_row);
		u32 row = s && s->serial == from->from ? s->in_edges : 0;

		for (struct st_edge *e; (e = edge_row(row)) && (e->mark & ~1u) != seen;
		     row = e->in) {
			if (c->steps-- <= 0)
				return true;
			e->mark = seen;
			if (row == first || !leads_on(c, e))
				continue;
			e->mark |= 1;
			e->queued = 0;
			edge_row(last)->queued = row;
			last = row;
			found |= e->from == start;
		}
	}
	c->leads = seen + 1;
	return found;
}

/* Depth first from the object the last edge leads to; true when a cycle that can happen is complete
 * in c. */
static bool search(struct cycle *c)
{
	u32 next[LENGTH + 1]; /* by length so far: the edge to try */

	c->n = 1;
	first_out(c, &next[1]);
	while (c->n > 0 && c->steps-- > 0) {
		const struct st_edge *e = edge_row(next[c->n]);

		if (!e || c->n == c->limit) {
			c->n--;
			continue;
		}
		c->edge[c->n] = next[c->n];
		next[c->n] = e->out;
		/* The last one must lead back. */
		if (c->leads && e->mark != c->leads)
			continue;
		if (e->to != c->goal && (c->n + 1 >= c->limit || visited(c, e->to)))
			continue;
		if (!leads_on(c, e))
			continue;
		c->n++;
		if (e->to != c->goal)
			first_out(c, &next[c->n]);
		else if (worth_telling(c))
			return true;
		else
			c->n--;
	}
	return false;
}

/* Short ones first: the shortest is the plainest to tell, and a large graph has no end of long
 * ones. */
static bool find_cycle(struct cycle *c, bool again)
{
	static const u8 limits[] = {2, 3, 4, 6, 10, LENGTH};
	u32 times = edge_row(c->edge[0])->times;

	c->doubt = true;
	c->steps = again ? STEPS_AGAIN : STEPS;
	if (!mark_ways(c))
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(limits); i++) {
		c->told_up_to = c->limit;
		c->limit = limits[i];
		for (int doubt = 0; doubt < 2; doubt++) {
			c->doubt = doubt;
			c->steps = again ? STEPS_AGAIN : STEPS;
			if (search(c))
				return true;
		}
		if (again && times & (times - 1) & ~7u)
			return false; /* longer ones: the first times, then at 8, 16, 32 … */
	}
	return false;
}

static void describe(const struct cycle *c, struct order_step *step)
{
	for (int i = 0; i < c->n; i++) {
		struct st_edge *e = edge_row(c->edge[i]);
		const struct edge_use *u = c->use[i];
		const struct st_sync *from = row_get(TABLE_sync, e->from_row),
				     *to = row_get(TABLE_sync, e->to_row);

		step[i] = (struct order_step){.from = e->from,
					      .to = e->to,
					      .from_addr = from ? from->addr : 0,
					      .to_addr = to ? to->addr : 0,
					      .from_stack = u->from_stack,
					      .to_stack = u->to_stack,
					      .thread = u->thread,
					      .from_mode = u->from_mode,
					      .to_mode = u->to_mode,
					      .from_born = from ? from->stack : 0,
					      .to_born = to ? to->stack : 0,
					      .times = e->times,
					      .ways = e->nuses};
		__atomic_fetch_or(&e->flags, c->doubt ? EDGE_SUSPECTED : EDGE_TOLD,
				  __ATOMIC_RELAXED);
	}
}

/* `again`: no new edge, the old one was made once more, later. */
static COLD void look_for_cycle(struct thread *t, u32 row, const struct edge_new *n, bool again)
{
	static u32 told;
	struct cycle c = {.t = t, .edge = {row}, .use = {&n->use}, .goal = n->from_serial};
	struct order_step *step = NULL; /* too large for a small stack */
	struct lock_guard g = edges_hold();
	const struct st_edge *e = edge_row(row);

	if (e->from == n->from_serial && e->to == n->to_serial && find_cycle(&c, again) &&
	    told++ < CYCLES)
		step = arena_private(sizeof(*step) * LENGTH);
	if (step)
		describe(&c, step);
	lock_release(&g);
	if (step)
		event_order(t->serial, step, c.n, c.doubt);
	arena_private_free(step, sizeof(*step) * LENGTH);
}

/* ---- edges -------------------------------------------------------------------------------------
 */

static void remember(struct thread *t, const struct st_held *held, u64 addr, u8 mode,
		     u32 generation)
{
	struct edge_memo *memo = lock_order_memo(t, held->addr, addr);

	if (t->order.released)
		return; /* a handler released something meanwhile: this is of the past already */
	t->order.memos = true;
	memo->from = held->addr;
	memo->to = addr;
	memo->generation = generation;
	memo->gates = lock_order_gates(t->live, mode);
}

/* The other locks held, as gates of the edge. */
static void add_gates(struct thread *t, const struct st_held *held, struct edge_use *u)
{
	struct st_live *l = t->live;
	unsigned n = 0;

	for (u32 i = 0; i < l->nheld && i < HELD_MAX; i++) {
		const struct st_held *h = &l->held[i];
		u32 gate = 0;

		u->in_once |= h->mode == HELD_ONCE;
		if (n < EDGE_GATES && h->addr && h->addr != held->addr && h->mode != HELD_ONCE)
			gate = edge_end_serial(sync_see(t, h->addr, kind_of(h->mode), 0));
		if (!gate)
			continue;
		u->read_gates |= (u8)((h->mode == HELD_READ) << n);
		u->gates[n++] = gate;
	}
}

void lock_order_note(struct thread *t, const struct st_held *held, u64 addr, u8 mode)
{
	u32 generation = sync_generation(held->addr) + sync_generation(addr), row;
	struct edge_new e = {
	    .use = {.thread = t->serial, .from_mode = held->mode, .to_mode = mode}};
	bool again = true;

	if (!held->addr || held_find(t->live, addr) || held->mode == HELD_ONCE)
		return; /* taken again: nothing was waited for */
	e.use.stamp = order_stamp(t);
	if (thread_alone() ||
	    held->flags & HF_INHERITED) { /* ordered before and after all that others do */
		remember(t, held, addr, mode, generation);
		return;
	}
	e.from = sync_see(t, held->addr, kind_of(held->mode), 0);
	e.to = sync_see(t, addr, kind_of(mode), 0);
	e.from_serial = edge_end_serial(e.from);
	e.to_serial = edge_end_serial(e.to);
	if (!e.from_serial || !e.to_serial)
		return;
	add_gates(t, held, &e.use);
	row = edge_again(&e);
	if (!row) {
		e.use.from_stack = stack_of_held(t, held);
		e.use.to_stack = stack_here(t);
		row = edge_add(t, &e);
		again = false;
	}
	if (!row)
		return;
	look_for_cycle(t, row, &e, again);
	if (!again)
		lock_class_note(t, &e);
	remember(t, held, addr, mode, generation);
}
