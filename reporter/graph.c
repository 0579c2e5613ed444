/* SPDX-License-Identifier: MIT */
/* Graphs and nets: see graph.h. Called from report.c and the builders; not signal-safe. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "graph.h"
#include "rules/builder.h"
#include "util.h"

#define ARCS_MAX (1u << 24)

/* ---- graphs ------------------------------------------------------------------------------------
 */
static void graph_free(struct graph *g)
{
	for (u32 i = 0; i < g->nnodes; i++) {
		free(g->node[i].name);
		free(g->node[i].doing);
	}
	for (u32 i = 0; i < g->nedges; i++) {
		free(g->edge[i].what);
		free(g->edge[i].where);
	}
	free(g->node);
	free(g->edge);
}

void graphs_free(struct graph *g, u32 n)
{
	for (u32 i = 0; i < n; i++)
		graph_free(&g[i]);
	free(g);
}

static int graph_keep(struct report *r, struct graph *g)
{
	struct graph *more;

	if (!g->nnodes)
		return 0;
	more = realloc(r->graph, (r->ngraphs + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->graph = more;
	more[r->ngraphs++] = *g;
	memset(g, 0, sizeof(*g));
	return 0;
}

int graphs_add(struct report *r, struct findings *f, bool all)
{
	struct graph wait = {.kind = GRAPH_WAIT, .process = f->process};
	struct graph order = {.kind = GRAPH_ORDER, .process = f->process};
	int rc = graph_wait_build(&wait, f->p, all);

	if (rc == 0)
		rc = graph_keep(r, &wait);
	if (rc == 0 && all)
		rc = graph_order_build(&order, f);
	if (rc == 0)
		rc = graph_keep(r, &order);
	graph_free(&wait);
	graph_free(&order);
	return rc;
}

u32 graph_node_add(struct graph *g, enum node_kind kind, const char *name, const char *doing)
{
	if (array_room((void **)&g->node, g->nnodes, &g->cap_nodes, sizeof(*g->node),
		       GRAPH_NODES_MAX))
		return GRAPH_NONE;
	g->node[g->nnodes] = (struct graph_node){
	    .kind = kind, .name = text_dup(name), .doing = doing ? text_dup(doing) : NULL};
	return g->nnodes++;
}

struct graph_edge *graph_edge_add(struct graph *g, enum edge_kind kind, u32 from, u32 to,
				  const char *what, const char *where)
{
	if (from == GRAPH_NONE || to == GRAPH_NONE ||
	    array_room((void **)&g->edge, g->nedges, &g->cap_edges, sizeof(*g->edge),
		       GRAPH_EDGES_MAX))
		return NULL;
	g->edge[g->nedges] = (struct graph_edge){.from = from,
						 .to = to,
						 .kind = kind,
						 .what = text_dup(what),
						 .where = where ? text_dup(where) : NULL};
	return &g->edge[g->nedges++];
}

/* ---- nets --------------------------------------------------------------------------------------
 */
int net_arc(struct net *t, struct arc a)
{
	int rc = array_room((void **)&t->arc, t->m, &t->cap, sizeof(a), ARCS_MAX);

	if (rc == 0)
		t->arc[t->m++] = a;
	return rc == -ENOSPC ? 0 : rc;
}

/* Arcs sorted by one end: AT and LIST as struct net says. */
static void net_sort(const struct net *t, bool by_to, u32 *at, u32 *list)
{
	for (u32 i = 0; i < t->m; i++)
		at[(by_to ? t->arc[i].to : t->arc[i].from) + 1]++;
	for (u32 v = 0; v < t->n; v++)
		at[v + 1] += at[v];
	for (u32 i = t->m; i-- > 0;) /* from behind: at[v + 1] counts down to where v begins */
		list[--at[(by_to ? t->arc[i].to : t->arc[i].from) + 1]] = i;
	memmove(at, at + 1, t->n * sizeof(*at));
	at[t->n] = t->m;
}

/* Tarjan's strongly connected components, with a stack of its own: chains may be long. */
struct tarjan {
	u32 *order, *low, *next; /* when met, from 1; the earliest reachable; next arc to look at */
	u32 *path, *open;	 /* the way down; vertices without a component yet */
	u32 npath, nopen, met, rings;
};

static void tarjan_enter(struct tarjan *s, const struct net *t, u32 v)
{
	s->order[v] = s->low[v] = ++s->met;
	s->next[v] = t->out_at[v];
	s->path[s->npath++] = v;
	s->open[s->nopen++] = v;
}

static void tarjan_leave(struct tarjan *s, struct net *t, u32 v)
{
	u32 first = s->nopen, ring = 0;

	s->npath--;
	if (s->npath && s->low[v] < s->low[s->path[s->npath - 1]])
		s->low[s->path[s->npath - 1]] = s->low[v];
	if (s->low[v] != s->order[v])
		return;
	while (s->open[--first] != v)
		;
	if (s->nopen - first > 1)
		ring = ++s->rings;
	for (u32 i = t->out_at[v]; !ring && i < t->out_at[v + 1]; i++)
		if (t->arc[t->out[i]].to == v && !t->arc[t->out[i]].soft)
			ring = ++s->rings;
	while (s->nopen > first) {
		u32 w = s->open[--s->nopen];

		t->ring[w] = ring;
		s->order[w] = GRAPH_NONE; /* done: no longer on the way */
	}
}

static void tarjan_run(struct tarjan *s, struct net *t, u32 root)
{
	tarjan_enter(s, t, root);
	while (s->npath) {
		u32 v = s->path[s->npath - 1];
		const struct arc *a;

		if (s->next[v] == t->out_at[v + 1]) {
			tarjan_leave(s, t, v);
			continue;
		}
		a = &t->arc[t->out[s->next[v]++]];
		if (a->soft || s->order[a->to] == GRAPH_NONE)
			continue;
		if (!s->order[a->to])
			tarjan_enter(s, t, a->to);
		else if (s->order[a->to] < s->low[v])
			s->low[v] = s->order[a->to];
	}
}

static int net_rings(struct net *t)
{
	u32 *space = calloc((size_t)t->n * 5 + 1, sizeof(*space));
	struct tarjan s = {0};

	if (!space)
		return -ENOMEM;
	s.order = space;
	s.low = space + t->n;
	s.next = space + (size_t)t->n * 2;
	s.path = space + (size_t)t->n * 3;
	s.open = space + (size_t)t->n * 4;
	for (u32 v = 0; v < t->n; v++)
		if (!s.order[v])
			tarjan_run(&s, t, v);
	free(space);
	return 0;
}

int net_finish(struct net *t)
{
	t->out_at = calloc((size_t)t->n + 1, sizeof(u32));
	t->in_at = calloc((size_t)t->n + 1, sizeof(u32));
	t->ring = calloc((size_t)t->n + 1, sizeof(u32));
	t->out = calloc((size_t)t->m + 1, sizeof(u32));
	t->in = calloc((size_t)t->m + 1, sizeof(u32));
	if (!t->out_at || !t->in_at || !t->ring || !t->out || !t->in)
		return -ENOMEM;
	net_sort(t, false, t->out_at, t->out);
	net_sort(t, true, t->in_at, t->in);
	return net_rings(t);
}

bool net_in_ring(const struct net *t, const struct arc *a)
{
	return !a->soft && t->ring[a->from] && t->ring[a->from] == t->ring[a->to];
}

void net_free(struct net *t)
{
	free(t->arc);
	free(t->out_at);
	free(t->out);
	free(t->in_at);
	free(t->in);
	free(t->ring);
	memset(t, 0, sizeof(*t));
}
