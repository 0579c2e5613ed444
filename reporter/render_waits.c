/* SPDX-License-Identifier: MIT */
/*
 * Who waited for whom, as a few lines of the text report: the ring, and the threads that hang on
 * it. Owns nothing; called from render_text.c; not signal-safe.
 */
#include <string.h>
#include "graph.h"
#include "render_priv.h"
#include "util.h"

#define LINES_MAX 24u

static const struct graph_edge *wait_of(const struct graph *g, u32 node)
{
	for (u32 i = 0; i < g->nedges; i++)
		if (g->edge[i].from == node && g->edge[i].kind == EDGE_WAITS)
			return &g->edge[i];
	return NULL;
}

static void holders_say(const struct graph *g, u32 object, FILE *to)
{
	u32 n = 0;

	for (u32 i = 0; i < g->nedges; i++) {
		const struct graph_edge *e = &g->edge[i];

		if (e->from == object && e->kind == EDGE_HELD && n++ < 2)
			fprintf(to, "%s%s%s%s", n == 1 ? ", held by " : " and ",
				g->node[e->to].name, *e->what ? " " : "", e->what);
	}
	if (n > 2)
		fprintf(to, " and %u more", n - 2);
}

/* Who could have woken it: "which only thread 3 could post", "which thread 4 posted before (it has
 * ended)". */
static void wakers_say(const struct graph *g, u32 object, FILE *to)
{
	u32 n = 0;

	for (u32 i = 0; i < g->nedges; i++) {
		const struct graph_edge *e = &g->edge[i];

		if (e->from != object || e->kind != EDGE_WAKES || n++ >= 2)
			continue;
		fputs(n == 1 ? "; " : ", ", to);
		if (strncmp(e->what, "only it ", 8) == 0)
			fprintf(to, "only %s %s", g->node[e->to].name, e->what + 8);
		else
			fprintf(to, g->node[e->to].gone ? "%s, which %s, has ended" : "%s %s",
				g->node[e->to].name, e->what);
	}
	if (n > 2)
		fprintf(to, " and %u more", n - 2);
}

static void line_say(const struct graph *g, u32 node, const struct graph_edge *e, FILE *to)
{
	const struct graph_node *n = &g->node[node], *what = &g->node[e->to];

	fprintf(to, "  %c %s ", n->ring ? '*' : ' ', n->name);
	fprintf(to, "%s", n->kind == NODE_CROWD ? "wait" : "waits");
	if (what->kind != NODE_OBJECT)
		fprintf(to, " for the end of %s", what->name);
	else
		fprintf(to, " for %s", what->name);
	if (what->kind == NODE_OBJECT)
		holders_say(g, e->to, to);
	if (what->kind == NODE_OBJECT)
		wakers_say(g, e->to, to);
	if (e->timed)
		fputs(" (with a time limit)", to);
	if (what->doing)
		fprintf(to, " (%s)", what->doing);
	fputc('\n', to);
}

/* What a holder that waits for nothing drawn does: the end of the chain. */
static void ends_say(const struct graph *g, FILE *to)
{
	for (u32 i = 0; i < g->nnodes; i++)
		if (g->node[i].kind == NODE_THREAD && !g->node[i].gone && !wait_of(g, i))
			fprintf(to, "    %s %s\n", g->node[i].name,
				g->node[i].doing ? g->node[i].doing : "is in no call that waits");
}

static void waits_say(const struct report *r, const struct graph *g, FILE *to)
{
	const struct process_facts *f = &r->process[g->process];
	u32 lines = 0, left = g->left;
	bool ring = false;

	for (u32 i = 0; i < g->nnodes; i++)
		ring |= g->node[i].ring;
	fprintf(to, "\nWho waits for whom in %s (pid %d)%s\n",
		f->program ? path_base(f->program) : "?", f->pid,
		ring ? ", the ring marked *" : "");
	for (u32 i = 0; i < g->nnodes; i++) {
		const struct graph_edge *e = wait_of(g, i);

		if (!e)
			continue;
		if (lines++ < LINES_MAX)
			line_say(g, i, e, to);
		else
			left += g->node[i].kind == NODE_CROWD ? g->node[i].threads : 1;
	}
	if (left)
		fprintf(to, "    and %u more threads wait\n", left);
	else
		ends_say(g, to);
}

void render_waits(const struct report *r, FILE *to, const struct render_options *o)
{
	(void)o;
	for (u32 i = 0; i < r->ngraphs; i++)
		if (r->graph[i].kind == GRAPH_WAIT)
			waits_say(r, &r->graph[i], to);
}
