/* SPDX-License-Identifier: MIT */
/*
 * Owns: new edges, the search for the cycle a new edge closes, and what makes a cycle harmless: one
 * thread made all of it, a common gate lock was held at every edge, only read sides meet at an
 * object, or all threads were joined between two of its edges. Signal-safe; no lock held while it
 * writes.
 */
#include "detect/lock_order.h"

#include "state/edges.h"
#include "state/order.h"
#include "trace/event.h"

enum { LENGTH = 24, STEPS = 20000, GATES = 4, CYCLES = 200 };

struct cycle {
	u32 edge[LENGTH]; /* rows; edge[0] is the new one */
	int n;
	u32 steps, goal; /* goal: row of the object to come back to */
};

static enum sync_kind kind_of(u8 mode)
{
	return mode == HELD_READ || mode == HELD_WRITE ? SYNC_rwlock
	       : mode == HELD_SPIN		       ? SYNC_spin
						       : SYNC_mutex;
}

static bool gate_in(const struct st_edge *e, u32 gate)
{
	return e->gate0 == gate || e->gate1 == gate || e->gate2 == gate || e->gate3 == gate;
}

static bool common_gate(const struct cycle *c)
{
	const struct st_edge *first = edge_row(c->edge[0]);
	u32 gates[GATES] = {first->gate0, first->gate1, first->gate2, first->gate3};

	for (int k = 0; k < GATES; k++) {
		bool all = gates[k] != 0;

		for (int i = 1; i < c->n && all; i++)
			all = gate_in(edge_row(c->edge[i]), gates[k]);
		if (all)
			return true;
	}
	return false;
}

static bool one_thread(const struct cycle *c)
{
	for (int i = 0; i < c->n; i++)
		if (edge_row(c->edge[i])->flags & EDGE_SHARED ||
		    edge_row(c->edge[i])->thread != edge_row(c->edge[0])->thread)
			return false;
	return true;
}

/* At an object that is only read on both sides of the cycle nobody blocks. */
static bool readers_meet(const struct cycle *c)
{
	for (int i = 0; i < c->n; i++)
		if (edge_row(c->edge[i])->to_mode == HELD_READ &&
		    edge_row(c->edge[(i + 1) % c->n])->from_mode == HELD_READ)
			return true;
	return false;
}

/* Edges come and go while we look: each must lead to where the next one starts, by serial. */
static bool whole(const struct cycle *c)
{
	for (int i = 0; i < c->n; i++) {
		const struct st_edge *e = edge_row(c->edge[i]),
				     *next = edge_row(c->edge[(i + 1) % c->n]);

		if (!e->from || e->to != next->from)
			return false;
	}
	return true;
}

static bool can_happen(const struct cycle *c)
{
	return whole(c) && !one_thread(c) && !common_gate(c) && !readers_meet(c);
}

static u32 first_out(const struct cycle *c)
{
	const struct st_edge *e = edge_row(c->edge[c->n - 1]);
	const struct st_sync *s = row_get(TABLE_sync, e->to_row);

	return s && s->serial == e->to ? s->edges : 0;
}

static bool visited(const struct cycle *c, u32 row)
{
	for (int k = 0; k < c->n; k++)
		if (edge_row(c->edge[k])->from_row == row)
			return true;
	return false;
}

/* Depth first from the object the last edge leads to; true when a cycle that can happen is complete
 * in c. */
static bool search(struct cycle *c)
{
	u32 next[LENGTH + 1]; /* by length so far: the edge to try */

	next[c->n] = first_out(c);
	while (c->n > 0 && ++c->steps < STEPS) {
		struct st_edge *e = edge_row(next[c->n]);

		if (!e || !e->from || c->n == LENGTH) {
			c->n--;
			continue;
		}
		c->edge[c->n] = next[c->n];
		next[c->n] = e->out;
		if (e->era != edge_row(c->edge[0])->era)
			continue;
		if (e->to_row != c->goal && visited(c, e->to_row))
			continue;
		c->n++;
		if (e->to_row != c->goal)
			next[c->n] = first_out(c);
		else if (can_happen(c))
			return true;
		else
			c->n--;
	}
	return false;
}

/* All of it was part of a told cycle before: the same one, most likely. Marks it. */
static bool told_before(const struct cycle *c)
{
	bool all = true;

	for (int i = 0; i < c->n; i++)
		all &=
		    __atomic_fetch_or(&edge_row(c->edge[i])->flags, EDGE_TOLD, __ATOMIC_RELAXED) /
			EDGE_TOLD &
		    1;
	return all;
}

static void look_for_cycle(struct thread *t, u32 edge)
{
	static u32 told;
	struct cycle c = {.edge = {edge}, .n = 1, .goal = edge_row(edge)->from_row};

	if (search(&c) && !told_before(&c) &&
	    __atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) < CYCLES)
		event_order(t->serial, c.edge, c.n);
}

static void remember(struct thread *t, const struct st_held *held, u64 addr, u8 mode,
		     u32 generation)
{
	struct edge_memo *memo = lock_order_memo(t, held->addr, addr);

	memo->from = held->addr;
	memo->to = addr;
	memo->generation = generation;
	memo->gates = lock_order_gates(t->live, mode);
}

void lock_order_note(struct thread *t, const struct st_held *held, u64 addr, u8 mode)
{
	struct st_live *l = t->live;
	u32 gates[GATES], generation = sync_generation(held->addr) + sync_generation(addr), row;
	struct edge_new e = {.thread = t->serial,
			     .era = order_world(),
			     .from_mode = held->mode,
			     .to_mode = mode,
			     .gates = gates};
	bool news;

	if (!held->addr || held_find(l, addr) || held->mode == HELD_ONCE)
		return; /* taken again: nothing was waited for */
	if (thread_alone() ||
	    held->flags & HF_INHERITED) { /* ordered before and after all that others do */
		remember(t, held, addr, mode, generation);
		return;
	}
	e.from = sync_see(t, held->addr, kind_of(held->mode), 0);
	e.to = sync_see(t, addr, kind_of(mode), 0);
	if (!e.from || !e.to)
		return;
	for (u32 i = 0; i < l->nheld && i < HELD_MAX && e.ngates < GATES; i++) {
		u32 gate = !l->held[i].addr || l->held[i].addr == held->addr ||
				   l->held[i].mode == HELD_ONCE
			       ? 0
			       : sync_see(t, l->held[i].addr, kind_of(l->held[i].mode), 0);

		if (gate)
			gates[e.ngates++] = gate;
	}
	row = edge_find(e.from, e.to);
	if (!row || edge_has_news(edge_row(row), &e)) {
		if (!row || edge_row(row)->era != e.era) {
			e.from_stack = stack_of_held(t, held);
			e.to_stack = stack_here(t);
		}
		row = edge_add(&e, &news);
		/* An old edge made by another thread, without its gate, or by a writer can complete
		 * a cycle as well as a new one. */
		if (row && news)
			look_for_cycle(t, row);
	}
	if (row)
		remember(t, held, addr, mode, generation);
}
