/* SPDX-License-Identifier: MIT */
/*
 * Who waits for whom: of the net of a process (wait_net.h) the part worth looking at: rings, long
 * waits and what hangs on them; for pictures the other waits, too. Threads that wait alike become
 * one node. Called from graph.c; not signal-safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "rules/stuck.h"
#include "wait_net.h"

#define CROWD 4u /* more threads than this that wait alike are drawn as one */

/* ---- what is shown -----------------------------------------------------------------------------
 */
static const char *wait_place(const struct waits *s, const struct waiter *w)
{
	const struct frames *f = process_frames(s->p, w->stack);

	if (!f->n)
		f = process_frames_pc(s->p, w->pc);
	return f->n ? say_frame(frames_program(f)) : NULL;
}

static const char *hold_place(const struct waits *s, const struct hold *h)
{
	const struct frames *f = process_frames(s->p, h->stack);

	if (!f->n)
		f = process_frames_pc(s->p, h->pc);
	return f->n ? say_frame(frames_program(f)) : NULL;
}

/* Waits for an object, and nobody waits for it: one like any other of its kind. */
static bool is_leaf(const struct waits *s, u32 v)
{
	return v < s->n && s->w[v].key && s->net.in_at[v] == s->net.in_at[v + 1] && !s->net.ring[v];
}

static void count_leaves(struct waits *s)
{
	for (u32 v = 0; v < s->n; v++)
		if (is_leaf(s, v))
			wait_net_object(s, s->w[v].key)->leaves++;
}

static struct object *crowd_of(const struct waits *s, u32 v)
{
	struct object *o = is_leaf(s, v) ? wait_net_object(s, s->w[v].key) : NULL;

	return o && o->leaves > CROWD ? o : NULL;
}

static void say_doing(const struct waits *s, const struct waiter *w, char *buf, size_t size)
{
	const char *place = wait_place(s, w);

	*buf = '\0';
	if (!w->call || w->key || w->join)
		return;
	snprintf(buf, size, "in %s%s%s%s", call_name(w->call), w->fd >= 0 ? " on " : "",
		 w->fd >= 0 ? say_fd(s->p, w->fd, 0) : "", place ? " at " : "");
	if (place)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s", place);
}

/* "8 threads 'pool'", if all are called so. */
static void say_crowd(const struct waits *s, const struct object *o, u32 first, char *buf,
		      size_t size)
{
	const struct st_thread *one = process_thread(s->p, s->w[first].serial), *t;
	bool same = one && one->name[0];

	for (u32 v = first + 1; same && v < s->n; v++) {
		t = crowd_of(s, v) == o ? process_thread(s->p, s->w[v].serial) : one;
		same = t && strcmp(t->name, one->name) == 0;
	}
	snprintf(buf, size, "%u threads%s%s%s", o->leaves, same ? " '" : "", same ? one->name : "",
		 same ? "'" : "");
}

/* Names as in the diagnoses: "pipe 3 opened in main (x.c:3)". */
static const char *say_pipe(const struct model_process *p, i32 num)
{
	const struct st_fd *f = process_fd(p, num);
	static char text[600];

	snprintf(text, sizeof(text), "%s%s%s", say_fd(p, num, f ? f->kind : 0),
		 f && f->stack ? " opened in " : "", f && f->stack ? say_place(p, f->stack) : "");
	return text;
}

static u32 add_vertex(struct waits *s, struct graph *g, u32 v)
{
	struct object *crowd = crowd_of(s, v);
	char buf[1024];

	if (crowd && crowd->crowd != GRAPH_NONE)
		return crowd->crowd;
	if (v >= s->n + s->no) {
		u32 node = graph_node_add(
		    g, NODE_THREAD, say_thread(s->p, s->g[v - s->n - s->no].serial), "has ended");

		if (node != GRAPH_NONE)
			g->node[node].gone = true;
		return node;
	}
	if (v >= s->n) {
		const struct object *o = &s->o[v - s->n];

		if (o->key & BY_FD && !(o->key & BY_SERIAL))
			return graph_node_add(g, NODE_OBJECT,
					      say_pipe(s->p, (i32)(o->key & UINT32_MAX)), NULL);

		return graph_node_add(g, NODE_OBJECT,
				      say_sync(s->p, o->serial, o->key & BY_SERIAL ? 0 : o->key),
				      NULL);
	}
	if (crowd) {
		say_crowd(s, crowd, v, buf, sizeof(buf));
		crowd->crowd = graph_node_add(g, NODE_CROWD, buf, NULL);
		if (crowd->crowd != GRAPH_NONE)
			g->node[crowd->crowd].threads = crowd->leaves;
		return crowd->crowd;
	}
	say_doing(s, &s->w[v], buf, sizeof(buf));
	return graph_node_add(g, NODE_THREAD, say_thread(s->p, s->w[v].serial), *buf ? buf : NULL);
}

static void visit(struct waits *s, struct graph *g, u32 v)
{
	if (s->node[v] != GRAPH_NONE)
		return;
	s->node[v] = add_vertex(s, g, v);
	if (s->node[v] == GRAPH_NONE)
		return;
	g->node[s->node[v]].ring = s->net.ring[v] != 0;
	s->queue[s->nqueue++] = v;
}

/* Round a ring from V, in its order. */
static void visit_ring(struct waits *s, struct graph *g, u32 v)
{
	const struct net *t = &s->net;
	u32 next;

	for (; v != GRAPH_NONE; v = next) {
		visit(s, g, v);
		next = GRAPH_NONE;
		for (u32 i = t->out_at[v]; i < t->out_at[v + 1] && next == GRAPH_NONE; i++)
			if (net_in_ring(t, &t->arc[t->out[i]]) &&
			    s->node[t->arc[t->out[i]].to] == GRAPH_NONE)
				next = t->arc[t->out[i]].to;
		if (next != GRAPH_NONE && g->nnodes >= GRAPH_NODES_MAX)
			return;
	}
}

/* All that hangs together with what was visited. */
static void visit_near(struct waits *s, struct graph *g)
{
	const struct net *t = &s->net;

	for (u32 at = 0; at < s->nqueue; at++) {
		u32 v = s->queue[at];

		for (u32 i = t->out_at[v]; i < t->out_at[v + 1]; i++)
			visit(s, g, t->arc[t->out[i]].to);
		for (u32 i = t->in_at[v]; i < t->in_at[v + 1]; i++)
			visit(s, g, t->arc[t->in[i]].from);
	}
}

static void choose(struct waits *s, struct graph *g, bool all)
{
	for (u32 v = 0; v < s->n; v++)
		if (s->net.ring[v])
			visit_ring(s, g, v);
	for (u32 v = 0; v < s->n; v++)
		if (s->w[v].lasts || s->w[v].stuck)
			visit(s, g, v);
	visit_near(s, g);
	for (u32 v = 0; all && v < s->n; v++)
		if (s->net.out_at[v] != s->net.out_at[v + 1])
			visit(s, g, v);
	if (all)
		visit_near(s, g);
	for (u32 v = 0; g->nnodes >= GRAPH_NODES_MAX && v < s->n; v++)
		g->left += s->node[v] == GRAPH_NONE && s->net.out_at[v] != s->net.out_at[v + 1];
}

/* "posted", "could signal": and from where. */
static struct graph_edge *wakes_edge(const struct waits *s, struct graph *g, const struct arc *a,
				     u32 from, u32 to)
{
	const struct wake_party *y = &s->wake.party[a->ref];
	const struct wake_thread *t = &s->wake.thread[y->waiter];
	char what[64];

	if (y->how == PARTY_HOLDS)
		snprintf(what, sizeof(what), "holds its mutex");
	else if (y->how == PARTY_COULD)
		snprintf(what, sizeof(what), "only it could %s it", say_stuck_verb(t));
	else
		snprintf(what, sizeof(what), "%s it before", say_stuck_done(t));
	return graph_edge_add(g, EDGE_WAKES, from, to, what,
			      y->stack ? say_place(s->p, y->stack) : NULL);
}

static void draw_arc(struct waits *s, struct graph *g, const struct arc *a)
{
	u32 from = s->node[a->from], to = s->node[a->to];
	const struct hold *h = a->kind == EDGE_HELD ? &s->h[a->ref] : NULL;
	const struct waiter *w = a->kind == EDGE_WAITS ? &s->w[a->from] : NULL;
	struct object *crowd = w ? crowd_of(s, a->from) : NULL;
	struct graph_edge *e;

	if (from == GRAPH_NONE || to == GRAPH_NONE || (crowd && crowd->drawn))
		return;
	if (h)
		e = graph_edge_add(g, EDGE_HELD, from, to,
				   h->mode == HELD_READ	   ? "for reading"
				   : h->mode == HELD_WRITE ? "for writing"
							   : "",
				   hold_place(s, h));
	else if (a->kind == EDGE_WAKES)
		e = wakes_edge(s, g, a, from, to);
	else
		e = graph_edge_add(g, EDGE_WAITS, from, to, call_name(w->call), wait_place(s, w));
	if (e) {
		e->ring = net_in_ring(&s->net, a);
		e->timed = w && w->flags & WF_TIMED;
	}
	if (crowd)
		crowd->drawn = true; /* one edge for all of them */
}

int graph_wait_build(struct graph *g, const struct model_process *p, bool all)
{
	struct waits s = {.p = p};
	int rc = wait_net_make(&s);

	if (rc == 0) {
		s.node = malloc(((size_t)s.net.n + 1) * sizeof(*s.node));
		s.queue = malloc(((size_t)s.net.n + 1) * sizeof(*s.queue));
		rc = s.node && s.queue ? 0 : -ENOMEM;
	}
	if (rc == 0) {
		memset(s.node, 0xff, ((size_t)s.net.n + 1) * sizeof(*s.node));
		count_leaves(&s);
		choose(&s, g, all);
		for (u32 i = 0; i < s.net.m; i++)
			draw_arc(&s, g, &s.net.arc[i]);
	}
	free(s.node);
	free(s.queue);
	wait_net_free(&s);
	return rc;
}
