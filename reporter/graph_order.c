/* SPDX-License-Identifier: MIT */
/*
 * The order in which locks were taken, from the edge table and the cycles that were told. Small
 * graphs are drawn whole; of large ones what lies on a cycle, reported cycles first. Called from
 * graph.c, after the rules; not signal-safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "graph.h"
#include "rules/builder.h"
#include "util.h"

#define WHOLE_MAX 60u /* edges; of more, those on a cycle, and as many as this unreported ones */
#define EDGES_MAX (1u << 22)

struct order_edge {
	u32 from, to, thread, from_stack, to_stack, times;
	u64 from_addr, to_addr; /* 0: as the object's row says */
	bool told;		/* part of a cycle that a diagnosis is about */
};
struct order {
	const struct model_process *p;
	struct order_edge *e; /* by (from, to) */
	u32 n, cap;
	u32 *serial; /* of the locks, sorted; vertex of the net = index */
	u32 nlocks;
	u32 *node;
	struct net net;
};

static int edge_compare(const void *a, const void *b)
{
	const struct order_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static int serial_compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static int add_edge(struct order *s, const struct order_edge *e)
{
	int rc = array_room((void **)&s->e, s->n, &s->cap, sizeof(*e), EDGES_MAX);

	if (rc == 0)
		s->e[s->n++] = *e;
	return rc == -ENOSPC ? 0 : rc;
}

/* ---- gathering ---------------------------------------------------------------------------------
 */
static u32 get(const json_t *js, const char *key)
{
	return (u32)json_u64(json_object_get(js, key));
}

static bool draft_about(const struct draft *d, u32 lock)
{
	for (u32 i = 0; i < d->nkeys; i++)
		if (d->key[i].kind == ABOUT_SYNC && d->key[i].id == lock)
			return true;
	return false;
}

/* Some diagnosis speaks about all locks of this cycle: the rule did not find it harmless. */
static bool is_reported(const struct findings *f, const json_t *edges)
{
	for (u32 i = 0; i < f->n; i++) {
		const json_t *e;
		size_t k, have = 0;

		if (f->draft[i]->d.rule->family != FAM_DEADLOCK)
			continue;
		json_array_foreach (edges, k, e)
			have += draft_about(f->draft[i], get(e, "from"));
		if (have == json_array_size(edges))
			return true;
	}
	return false;
}

static int add_told(struct order *s, const struct findings *f)
{
	u32 events = 0;

	FOR_EACH_EVENT(s->p, "order", ev)
	{
		const json_t *edges = json_object_get(ev->js, "edges"), *x;
		bool told;
		size_t i;

		if (++events > GRAPH_EDGES_MAX)
			break;
		told = is_reported(f, edges);
		json_array_foreach (edges, i, x) {
			struct order_edge e = {.from = get(x, "from"),
					       .to = get(x, "to"),
					       .thread = get(x, "thread"),
					       .from_stack = get(x, "from_stack"),
					       .to_stack = get(x, "to_stack"),
					       .times = get(x, "times"),
					       .from_addr =
						   json_u64(json_object_get(x, "from_addr")),
					       .to_addr = json_u64(json_object_get(x, "to_addr")),
					       .told = told};

			if (e.from && e.to && add_edge(s, &e))
				return -ENOMEM;
		}
	}
	return 0;
}

/* The same edge twice, from the table and from a line: one that knows what both knew. */
static void merge_edges(struct order *s)
{
	u32 n = 0;

	if (s->n)
		qsort(s->e, s->n, sizeof(*s->e), edge_compare);
	for (u32 i = 0; i < s->n; i++) {
		struct order_edge *last = n ? &s->e[n - 1] : NULL;

		if (!last || edge_compare(last, &s->e[i]) != 0) {
			s->e[n++] = s->e[i];
			continue;
		}
		last->told |= s->e[i].told;
		last->from_addr = last->from_addr ? last->from_addr : s->e[i].from_addr;
		last->to_addr = last->to_addr ? last->to_addr : s->e[i].to_addr;
		last->from_stack = last->from_stack ? last->from_stack : s->e[i].from_stack;
		last->to_stack = last->to_stack ? last->to_stack : s->e[i].to_stack;
		last->times = last->times > s->e[i].times ? last->times : s->e[i].times;
		last->thread = last->thread ? last->thread : s->e[i].thread;
	}
	s->n = n;
}

static int gather(struct order *s, const struct findings *f)
{
	FOR_EACH_ROW(s->p, edge, x)
	{
		struct order_edge e = {.from = x->from,
				       .to = x->to,
				       .thread = x->thread,
				       .from_stack = x->from_stack,
				       .to_stack = x->to_stack,
				       .times = x->times};

		if (x->to && add_edge(s, &e))
			return -ENOMEM;
	}
	if (add_told(s, f))
		return -ENOMEM;
	merge_edges(s);
	return 0;
}

/* ---- the net -----------------------------------------------------------------------------------
 */
static u32 lock_index(const struct order *s, u32 serial)
{
	const u32 *at = bsearch(&serial, s->serial, s->nlocks, sizeof(u32), serial_compare);

	return (u32)(at - s->serial); /* it is there: made of the same edges */
}

static int make_net(struct order *s)
{
	u32 n = 0;

	s->serial = malloc(((size_t)s->n * 2 + 1) * sizeof(u32));
	if (!s->serial)
		return -ENOMEM;
	for (u32 i = 0; i < s->n; i++) {
		s->serial[n++] = s->e[i].from;
		s->serial[n++] = s->e[i].to;
	}
	if (n)
		qsort(s->serial, n, sizeof(u32), serial_compare);
	for (u32 i = 0; i < n; i++)
		if (!s->nlocks || s->serial[s->nlocks - 1] != s->serial[i])
			s->serial[s->nlocks++] = s->serial[i];
	s->net.n = s->nlocks;
	for (u32 i = 0; i < s->n; i++) {
		struct arc a = {.from = lock_index(s, s->e[i].from),
				.to = lock_index(s, s->e[i].to),
				.ref = i,
				.kind = EDGE_ORDER};

		if (net_arc(&s->net, a))
			return -ENOMEM;
	}
	s->node = malloc(((size_t)s->nlocks + 1) * sizeof(u32));
	if (!s->node)
		return -ENOMEM;
	memset(s->node, 0xff, ((size_t)s->nlocks + 1) * sizeof(u32));
	return net_finish(&s->net);
}

/* ---- what is shown -----------------------------------------------------------------------------
 */
static u32 lock_node(struct order *s, struct graph *g, u32 v, u64 addr)
{
	u32 serial = s->serial[v];
	char plain[32];

	if (s->node[v] != GRAPH_NONE)
		return s->node[v];
	snprintf(plain, sizeof(plain), "lock %u", serial);
	s->node[v] = graph_node_add(
	    g, NODE_OBJECT,
	    addr || process_sync(s->p, serial) ? say_sync(s->p, serial, addr) : plain, NULL);
	return s->node[v];
}

/* Who, how often, and since where it held the other lock. */
static void say_maker(const struct order *s, const struct order_edge *x, char *text, size_t size)
{
	const struct frames *f = process_frames(s->p, x->from_stack);
	int n = snprintf(text, size, "%s", x->thread ? say_thread(s->p, x->thread) : "");

	if (x->times > 1 && n > 0 && (size_t)n < size)
		n += snprintf(text + n, size - (size_t)n, ", %s", say_times(x->times));
	if (f->n && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", holding since %s",
			 say_frame(frames_program(f)));
}

static void draw(struct order *s, struct graph *g, const struct arc *a)
{
	const struct order_edge *x = &s->e[a->ref];
	const struct frames *f = process_frames(s->p, x->to_stack);
	u32 from = lock_node(s, g, a->from, x->from_addr), to = lock_node(s, g, a->to, x->to_addr);
	struct graph_edge *e;
	char maker[1024];

	say_maker(s, x, maker, sizeof(maker));
	e = graph_edge_add(g, EDGE_ORDER, from, to, maker,
			   f->n ? say_frame(frames_program(f)) : NULL);
	if (!e) {
		g->left++;
		return;
	}
	e->ring = x->told;
	if (e->ring)
		g->node[from].ring = g->node[to].ring = true;
}

int graph_order_build(struct graph *g, const struct findings *f)
{
	struct order s = {.p = f->p};
	int rc = gather(&s, f);
	u32 others = 0; /* drawn, on cycles that are not reported */

	if (rc == 0)
		rc = make_net(&s);
	for (u32 pass = 0; rc == 0 && pass < 2; pass++) { /* what is reported first */
		for (u32 i = 0; i < s.net.m; i++) {
			const struct arc *a = &s.net.arc[i];

			if (s.e[a->ref].told != (pass == 0))
				continue;
			if (pass == 0 || s.n <= WHOLE_MAX ||
			    (net_in_ring(&s.net, a) && others++ < WHOLE_MAX))
				draw(&s, g, a);
			else
				g->left++;
		}
	}
	free(s.e);
	free(s.serial);
	free(s.node);
	net_free(&s.net);
	return rc;
}
