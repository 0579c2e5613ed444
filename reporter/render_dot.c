/* SPDX-License-Identifier: MIT */
/*
 * Pictures of the graphs of a report: as DOT text and, laid out by Graphviz, as SVG. The only file
 * that knows libgvc. Owns colours and shapes; called from render.c; not signal-safe.
 */
#include <errno.h>
#include <graphviz/gvc.h>
#include <stdlib.h>
#include <string.h>
#include "graph.h"
#include "render_priv.h"
#include "util.h"

#define GRAPHS_MAX  16u /* more on one sheet are not read by anybody */
#define PAIRS_A_ROW 4u
#define WORD_MAX    56u /* characters of a name or place; tooltips have all of it */

#define PAD "  " /* keeps an edge's words off its line */

#define INK	 "#33373d"
#define GREY	 "#6b7280"
#define RED	 "#c81e1e"
#define RED_FILL "#fde3e1"

/* ---- words -------------------------------------------------------------------------------------
 */
struct words {
	char *text;
	size_t size;
	FILE *to;
};

static void words_begin(struct words *w)
{
	*w = (struct words){0};
	w->to = open_memstream(&w->text, &w->size);
}

/* Length of an entity (&lt; or &#27;) at S, 0 if there is none: Graphviz would turn it into what
 * it names, and write that into its SVG. */
static bool is_entity(const char *s)
{
	size_t n = 1 + (s[1] == '#');

	if (*s != '&')
		return false;
	while ((s[n] >= '0' && s[n] <= '9') || (s[n] >= 'a' && s[n] <= 'z') ||
	       (s[n] >= 'A' && s[n] <= 'Z'))
		n++;
	return n > 1 && s[n] == ';';
}

/* S up to END as it is, in a label: nothing in it means anything to Graphviz. At most MAX
 * characters. */
static void words_part(struct words *w, const char *s, const char *end, unsigned max)
{
	unsigned n = 0;

	for (; w->to && s < end; s++) {
		if (((unsigned char)*s & 0xc0) != 0x80 && n++ == max) {
			fputs("…", w->to);
			return;
		}
		if (is_entity(s)) {
			fputs("＆", w->to);
			continue;
		}
		if (*s == '\\')
			fputc('\\', w->to);
		fputc(*s, w->to);
	}
}

static void words_add(struct words *w, const char *s, unsigned max)
{
	words_part(w, s, s + strlen(s), max);
}

static void words_line(struct words *w)
{
	if (w->to)
		fputs("\\n", w->to);
}

/* Of a long function name its beginning; the place behind it is kept. */
static void words_place(struct words *w, const char *place)
{
	const char *at = strrchr(place, '(');

	if (!at || strlen(place) <= WORD_MAX)
		at = place;
	words_part(w, place, at, WORD_MAX / 2);
	if (at > place && w->to)
		fputc(' ', w->to);
	words_add(w, at, WORD_MAX);
}

static void set(void *to, const char *key, const char *value)
{
	agsafeset(to, (char *)key, (char *)value, "");
}

/* Sets KEY to what was written, and ends it. */
static void words_set(struct words *w, void *to, const char *key)
{
	if (w->to && fclose(w->to) == 0)
		set(to, key, w->text);
	free(w->text);
}

/* ---- nodes and edges ---------------------------------------------------------------------------
 */
static void draw_node(Agnode_t *to, const struct graph_node *n)
{
	struct words w, tip;

	words_begin(&w);
	words_add(&w, n->name, WORD_MAX);
	if (n->doing) {
		words_line(&w);
		words_place(&w, n->doing);
	}
	words_set(&w, to, "label");
	words_begin(&tip);
	words_add(&tip, n->name, 1000);
	words_set(&tip, to, "tooltip");
	set(to, "shape", n->kind == NODE_OBJECT ? "ellipse" : "box");
	set(to, "style", n->kind == NODE_OBJECT ? "filled" : "rounded,filled");
	set(to, "peripheries", n->kind == NODE_CROWD ? "2" : "1");
	set(to, "fillcolor",
	    n->ring		     ? RED_FILL
	    : n->gone		     ? "#eceef0"
	    : n->kind == NODE_OBJECT ? "#fff7e0"
				     : "#e8f0fb");
	set(to, "fontcolor", n->gone ? GREY : INK);
	set(to, "color", n->ring ? RED : GREY);
	set(to, "penwidth", n->ring ? "2" : "1");
}

static void draw_edge(Agedge_t *to, const struct graph *g, const struct graph_edge *e)
{
	struct words w;

	words_begin(&w);
	if (w.to) {
		fputs(PAD, w.to);
		if (e->kind == EDGE_WAITS && g->node[e->to].kind != NODE_OBJECT)
			fputs("waits for its end", w.to);
		else if (e->kind == EDGE_WAITS)
			fprintf(w.to, "waits in %s%s", e->what, e->timed ? ", with a limit" : "");
		else if (e->kind == EDGE_HELD)
			fprintf(w.to, "held by%s%s", *e->what ? ", " : "", e->what);
		else if (e->kind == EDGE_WAKES)
			fputs(e->what, w.to);
		else if (*e->what)
			fputs("taken by ", w.to);
	}
	if (e->kind == EDGE_ORDER)
		words_add(&w, e->what, WORD_MAX);
	if (w.to)
		fputs(PAD, w.to);
	if (e->where && w.to) {
		words_line(&w);
		fputs(PAD, w.to);
		words_place(&w, e->where);
		fputs(PAD, w.to);
	}
	words_set(&w, to, "label");
	if (e->where) {
		words_begin(&w);
		words_add(&w, e->where, 1000);
		words_set(&w, to, "edgetooltip");
	}
	set(to, "color", e->ring ? RED : GREY);
	set(to, "fontcolor", e->ring ? RED : INK);
	set(to, "penwidth", e->ring ? "2" : "1");
	set(to, "style",
	    e->timed				? "dashed"
	    : e->kind == EDGE_WAKES && !e->ring ? "dotted"
						: "solid");
	set(to, "arrowhead", e->kind == EDGE_HELD || e->kind == EDGE_WAKES ? "onormal" : "normal");
}

static void draw_title(Agraph_t *to, const struct report *r, const struct graph *g)
{
	const struct process_facts *f = &r->process[g->process];
	struct words w;

	words_begin(&w);
	words_add(&w, f->program ? path_base(f->program) : "?", WORD_MAX);
	if (w.to) {
		fprintf(w.to, " (pid %d): %s", f->pid,
			g->kind == GRAPH_ORDER	    ? "which lock is taken while which is held"
			: f->ended == ENDED_RUNNING ? "who waits for whom now"
						    : "who waited for whom when it was last seen");
		if (g->left)
			fprintf(w.to, "\\n%u more %s not drawn", g->left,
				g->kind == GRAPH_ORDER ? "orders, on no cycle or too many, are"
						       : "threads that wait are");
	}
	words_set(&w, to, "label");
}

/* Pairs of a thread and what it waits for, that nothing else hangs on, would make one long row:
 * they are put below each other, PAIRS_A_ROW in each. */
static void stack_pairs(Agraph_t *to, Agnode_t *const *node, const struct graph *g)
{
	u32 degree[GRAPH_NODES_MAX] = {0}, above[PAIRS_A_ROW], n = 0;

	for (u32 i = 0; i < g->nedges; i++) {
		degree[g->edge[i].from]++;
		degree[g->edge[i].to]++;
	}
	for (u32 i = 0; i < g->nedges; i++) {
		const struct graph_edge *e = &g->edge[i];
		char name[32];

		if (e->from == e->to || degree[e->from] != 1 || degree[e->to] != 1)
			continue;
		snprintf(name, sizeof(name), "below%u", n);
		if (n >= PAIRS_A_ROW)
			set(agedge(to, node[above[n % PAIRS_A_ROW]], node[e->from], name, 1),
			    "style", "invis");
		above[n++ % PAIRS_A_ROW] = e->to;
	}
}

static int draw_graph(Agraph_t *sheet, const struct report *r, u32 number)
{
	const struct graph *g = &r->graph[number];
	Agnode_t **node = calloc(g->nnodes + 1, sizeof(*node));
	char name[32];
	Agraph_t *to;

	snprintf(name, sizeof(name), "cluster_%u", number);
	to = agsubg(sheet, name, 1);
	if (!node || !to) {
		free(node);
		return -ENOMEM;
	}
	draw_title(to, r, g);
	set(to, "margin", "22");
	set(to, "peripheries", "0"); /* labels may go over a frame */
	set(to, "labelloc", "t");
	set(to, "labeljust", "l");
	set(to, "fontsize", "15");
	for (u32 i = 0; i < g->nnodes; i++) {
		snprintf(name, sizeof(name), "g%un%u", number, i);
		node[i] = agnode(to, name, 1);
		draw_node(node[i], &g->node[i]);
	}
	for (u32 i = 0; i < g->nedges; i++) {
		const struct graph_edge *e = &g->edge[i];

		snprintf(name, sizeof(name), "e%u", i);
		draw_edge(agedge(to, node[e->from], node[e->to], name, 1), g, e);
	}
	stack_pairs(to, node, g);
	free(node);
	return 0;
}

/* ---- the sheet ---------------------------------------------------------------------------------
 */
static void sheet_defaults(Agraph_t *sheet)
{
	static const struct {
		int kind;
		const char *key, *value;
	} preset[] = {
	    {AGRAPH, "fontname", "Helvetica,Arial,sans-serif"},
	    {AGRAPH, "fontsize", "14"},
	    {AGRAPH, "fontcolor", INK},
	    {AGRAPH, "bgcolor", "white"},
	    {AGRAPH, "labelloc", "t"},
	    {AGRAPH, "ranksep", "0.6"},
	    {AGRAPH, "nodesep", "0.4"},
	    {AGRAPH, "label", ""},
	    {AGNODE, "fontname", "Helvetica,Arial,sans-serif"},
	    {AGNODE, "fontsize", "12"},
	    {AGNODE, "fontcolor", INK},
	    {AGEDGE, "fontname", "Helvetica,Arial,sans-serif"},
	    {AGEDGE, "fontsize", "10"},
	};

	for (size_t i = 0; i < sizeof(preset) / sizeof(*preset); i++)
		agattr(sheet, preset[i].kind, (char *)preset[i].key, (char *)preset[i].value);
}

static void sheet_label(Agraph_t *sheet, const struct report *r)
{
	bool ring = false;
	struct words w;

	for (u32 i = 0; i < r->ngraphs && i < GRAPHS_MAX; i++)
		for (u32 k = 0; k < r->graph[i].nedges; k++)
			ring |= r->graph[i].edge[k].ring;
	words_begin(&w);
	if (w.to && r->ngraphs > GRAPHS_MAX)
		fprintf(w.to, "the first %u of %u graphs", GRAPHS_MAX, r->ngraphs);
	if (w.to && ring)
		fprintf(
		    w.to,
		    "%sred: a ring. One of waits never opens, one of lock orders may become one.",
		    r->ngraphs > GRAPHS_MAX ? "\\n" : "");
	words_set(&w, sheet, "label");
	set(sheet, "labelloc", "b");
}

static Agraph_t *sheet_draw(const struct report *r)
{
	Agraph_t *sheet = agopen((char *)"pitfall", Agdirected, NULL);
	int rc = sheet ? 0 : -ENOMEM;

	if (rc)
		return NULL;
	sheet_defaults(sheet);
	for (u32 i = 0; rc == 0 && i < r->ngraphs && i < GRAPHS_MAX; i++)
		rc = draw_graph(sheet, r, i);
	if (rc == 0 && !r->ngraphs) {
		Agnode_t *n = agnode(sheet, (char *)"nothing", 1);

		set(n, "shape", "plaintext");
		set(n, "label",
		    "No thread waited for another,\\nand no lock was taken while another was "
		    "held.");
	}
	sheet_label(sheet, r);
	if (rc) {
		agclose(sheet);
		return NULL;
	}
	return sheet;
}

int render_dot(const struct report *r, FILE *to)
{
	Agraph_t *sheet = sheet_draw(r);
	int rc;

	if (!sheet)
		return -ENOMEM;
	rc = agwrite(sheet, to) != 0 ? -EIO : 0;
	agclose(sheet);
	return rc;
}

int render_svg(const struct report *r, FILE *to)
{
	/* Kept for the next picture: its text plugin remembers a font's name by address (2.43). */
	static GVC_t *gvc;
	Agraph_t *sheet = sheet_draw(r);
	int rc = 0;

	if (!sheet)
		return -ENOMEM;
	agseterr(AGERR); /* not its warnings, about fonts and the like */
	if (!gvc)
		gvc = gvContext();
	if (!gvc || gvLayout(gvc, sheet, "dot") != 0) {
		rc = -ENOTSUP;
	} else {
		rc = gvRender(gvc, sheet, "svg", to) != 0 ? -EIO : 0;
		gvFreeLayout(gvc, sheet);
	}
	agclose(sheet);
	return rc;
}
