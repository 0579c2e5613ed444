/* SPDX-License-Identifier: MIT */
/*
 * Graphs of a process: who waits for whom as it was last seen, and in which order locks were taken.
 * What is here is small enough to be looked at: graph_wait.c and graph_order.c choose from what may
 * be a million rows; `left` says what they left out. Owns nodes, edges and their words, nothing
 * points into a model. Rendered by render_dot.c (pictures) and render_waits.c (text).
 *
 * Also here: a plain directed graph of numbers and its cycles (struct net), which both builders
 * work on. Not signal-safe.
 */
#ifndef REPORTER_GRAPH_H
#define REPORTER_GRAPH_H

#include "report.h"

#define GRAPH_NODES_MAX 128u /* powers of two: see array_room() */
#define GRAPH_EDGES_MAX 256u
#define GRAPH_NONE	UINT32_MAX

enum graph_kind { GRAPH_WAIT, GRAPH_ORDER };
enum node_kind { NODE_THREAD, NODE_CROWD /* threads that wait alike */, NODE_OBJECT };
enum edge_kind {
	EDGE_WAITS, /* thread → object, or → thread it joins */
	EDGE_HELD,  /* object → thread that holds it */
	EDGE_WAKES, /* object → thread that could end waits for it, or did before it ended */
	EDGE_ORDER  /* object held → object taken */
};

struct graph_node {
	enum node_kind kind;
	bool ring;
	bool gone;   /* a thread that has ended */
	u32 threads; /* NODE_CROWD: how many */
	char *name;  /* "thread 3 'worker'", "mutex 'cache_lock'" */
	char *doing; /* what else is known: "in recv (net.c:8)"; NULL */
};
struct graph_edge {
	u32 from, to; /* into node */
	enum edge_kind kind;
	bool ring;   /* part of what can never open (EDGE_ORDER: of a reported cycle) */
	bool timed;  /* EDGE_WAITS: has a time limit */
	char *what;  /* "mutex_lock", "for writing", "thread 2 'x'" */
	char *where; /* "serve (server.c:61)"; NULL unknown */
};
struct graph {
	enum graph_kind kind;
	u32 process;
	struct graph_node *node;
	u32 nnodes, cap_nodes;
	struct graph_edge *edge;
	u32 nedges, cap_edges;
	u32 left; /* threads, or edges of the lock order, that are not here */
};

struct findings;

/* Appends the graphs of the process in F to R. ALL: for pictures; else only waits that form a ring
 * or last, for the text report. 0 or -ENOMEM. */
int graphs_add(struct report *r, struct findings *f, bool all);
void graphs_free(struct graph *g, u32 n);

/* ---- for the builders --------------------------------------------------------------------------
 */
int graph_wait_build(struct graph *g, const struct model_process *p, bool all);
int graph_order_build(struct graph *g, const struct findings *f);
/* Index, GRAPH_NONE when memory or room is out. NAME and DOING are copied. */
u32 graph_node_add(struct graph *g, enum node_kind kind, const char *name, const char *doing);
/* NULL likewise. */
struct graph_edge *graph_edge_add(struct graph *g, enum edge_kind kind, u32 from, u32 to,
				  const char *what, const char *where);

struct arc {
	u32 from, to;
	u32 ref; /* the builder's */
	enum edge_kind kind;
	bool soft; /* opens by itself: no part of a cycle */
};
struct net { /* vertices 0…n-1 */
	u32 n;
	struct arc *arc;
	u32 m, cap;
	u32 *out_at, *out; /* arcs from v: arc[out[i]], out_at[v] ≤ i < out_at[v + 1] */
	u32 *in_at, *in;
	u32 *ring; /* per vertex: 0, or the number of the cycles it lies on */
};
int net_arc(struct net *t, struct arc a);
/* After the last arc: fills the rest. 0 or -ENOMEM. */
int net_finish(struct net *t);
bool net_in_ring(const struct net *t, const struct arc *a);
void net_free(struct net *t);

#endif
