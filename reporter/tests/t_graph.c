/* SPDX-License-Identifier: MIT */
/*
 * Graphs of waits and of the lock order: rings found and nothing else called one, threads that wait
 * alike folded, too many cut and said so; pictures that hostile names cannot break; the text form.
 */
#include <errno.h>
#include "util_test.h"
#include "graph.h"
#include "render.h"

#define PROCESS                                                                                    \
	"{\"ev\":\"process\",\"v\":2,\"pid\":7,\"exe\":\"/opt/app\",\"mode\":\"audit\",\"t\":"     \
	"1000}\n{\"ev\":\"stack\",\"id\":1,\"frames\":[\"take at /s/code.c:3 in /opt/app\"]}\n"    \
	"{\"ev\":\"stack\",\"id\":2,\"frames\":[\"give at /s/code.c:9 in /opt/app\"]}\n"
#define END "{\"ev\":\"end\",\"how\":\"exit\",\"status\":0,\"t\":5000000000}\n"

static char text[262144];

__attribute__((format(printf, 1, 2))) static void line(const char *fmt, ...)
{
	size_t at = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + at, sizeof(text) - at, fmt, ap);
	va_end(ap);
	assert_true(strlen(text) < sizeof(text) - 1);
}

static void begin(void)
{
	strcpy(text, PROCESS);
}

static void thread(unsigned serial, const char *name)
{
	line("{\"ev\":\"thread\",\"serial\":%u,\"tid\":%u,\"name\":\"%s\"}\n", serial, serial,
	     name);
}

static void waits(unsigned serial, const char *call, unsigned addr, unsigned flags)
{
	line(
	    "{\"ev\":\"live\",\"thread\":%u,\"wait_call\":\"%s\",\"wait_addr\":%u,\"wait_flags\":%u"
	    ",\"wait_stack\":1,\"wait_fd\":-1}\n",
	    serial, call, addr, flags);
}

static void joins(unsigned serial, unsigned target)
{
	line("{\"ev\":\"live\",\"thread\":%u,\"wait_call\":\"join\",\"wait_obj\":%u,\"wait_stack\":"
	     "1,\"wait_fd\":-1}\n",
	     serial, target);
}

static void runs(unsigned serial)
{
	line("{\"ev\":\"live\",\"thread\":%u,\"wait_fd\":-1}\n", serial);
}

static void held(unsigned serial, unsigned addr, unsigned mode)
{
	line("{\"ev\":\"held\",\"thread\":%u,\"addr\":%u,\"stack\":2,\"mode\":%u}\n", serial, addr,
	     mode);
}

static struct report *report_of(bool pictures)
{
	struct report_options o = {.pictures = pictures};
	struct report *r;
	char *path;

	line("%s", END);
	path = (char *)test_text("g.jsonl", text);
	assert_int_equal(report_build(&r, &path, 1, &o), 0);
	return r;
}

static char *rendered(const struct report *r, enum format f)
{
	struct render_options o = {0};
	char *out;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	assert_int_equal(report_render(r, f, to, &o), 0);
	fclose(to);
	return out;
}

static const struct graph *graph_of(const struct report *r, enum graph_kind kind)
{
	for (u32 i = 0; i < r->ngraphs; i++)
		if (r->graph[i].kind == kind)
			return &r->graph[i];
	return NULL;
}

static unsigned in_ring(const struct report *r, enum graph_kind kind)
{
	const struct graph *g = graph_of(r, kind);
	unsigned n = 0;

	for (u32 i = 0; g && i < g->nnodes; i++)
		n += g->node[i].ring;
	return n;
}

static void two_threads(unsigned flags)
{
	begin();
	thread(1, "one");
	thread(2, "two");
	waits(1, "mutex_lock", 200, 0);
	held(1, 100, HELD_MUTEX);
	waits(2, "mutex_lock", 100, flags);
	held(2, 200, HELD_MUTEX);
}

static void a_ring_and_who_hangs_on_it(void **state)
{
	struct report *r;
	char *out;

	(void)state;
	two_threads(0);
	thread(3, "three");
	joins(3, 2);
	thread(4, "four");
	waits(4, "mutex_lock", 100, WF_TIMED);
	r = report_of(false);
	out = rendered(r, FORMAT_TEXT);
	assert_int_equal(in_ring(r, GRAPH_WAIT), 4); /* two threads, two locks */
	assert_non_null(strstr(out, "\nWho waits for whom in app (pid 7), the ring marked *\n"
				    "  * thread 1 'one' waits for lock 0xc8, held by thread 2 "
				    "'two'\n"
				    "  * thread 2 'two' waits for lock 0x64, held by thread 1 "
				    "'one'\n"));
	assert_non_null(
	    strstr(out, "\n    thread 3 'three' waits for the end of thread 2 'two'\n"));
	assert_non_null(strstr(out, "\n    thread 4 'four' waits for lock 0x64, held by thread 1 "
				    "'one' (with a time limit)\n"));
	free(out);
	report_free(r);
}

static void what_opens_by_itself_is_no_ring(void **state)
{
	struct report *r;

	(void)state;
	two_threads(WF_TIMED);
	r = report_of(true);
	assert_non_null(graph_of(r, GRAPH_WAIT));
	assert_int_equal(in_ring(r, GRAPH_WAIT), 0);
	report_free(r);
	for (int writer = 0; writer < 2;
	     writer++) { /* readers pass each other, if none waits between */
		begin();
		waits(1, "rwlock_rdlock", 100, 0);
		held(1, 200, HELD_MUTEX);
		waits(2, "mutex_lock", 200, 0);
		held(2, 100, HELD_READ);
		if (writer)
			waits(3, "rwlock_wrlock", 100, 0);
		r = report_of(true);
		assert_int_equal(in_ring(r, GRAPH_WAIT), writer ? 4 : 0);
		report_free(r);
	}
	begin(); /* a short wait is nobody's business */
	waits(1, "mutex_lock", 100, 0);
	runs(2);
	held(2, 100, HELD_MUTEX);
	r = report_of(false);
	assert_null(graph_of(r, GRAPH_WAIT));
	report_free(r);
}

static void other_rings(void **state)
{
	struct report *r;

	(void)state;
	begin(); /* itself */
	waits(1, "mutex_lock", 100, 0);
	held(1, 100, HELD_MUTEX);
	r = report_of(false);
	assert_int_equal(in_ring(r, GRAPH_WAIT), 2);
	report_free(r);
	begin(); /* a join and a lock */
	joins(1, 2);
	held(1, 100, HELD_MUTEX);
	waits(2, "mutex_lock", 100, 0);
	r = report_of(false);
	assert_int_equal(in_ring(r, GRAPH_WAIT), 3);
	report_free(r);
	begin(); /* known by its line alone */
	line("{\"ev\":\"deadlock\",\"t\":2000,\"ring\":[{\"thread\":1,\"wait\":\"mutex_lock\","
	     "\"obj\":1,\"addr\":100,\"wait_stack\":1,\"hold_stack\":2},{\"thread\":2,\"wait\":"
	     "\"join\",\"wait_stack\":1}]}\n");
	r = report_of(false);
	assert_int_equal(in_ring(r, GRAPH_WAIT), 3);
	report_free(r);
}

/* A lock call that is under way, for a lock that looked free: another may have been faster. */
static void an_announced_lock_is_waited_for_or_held(void **state)
{
	(void)state;
	for (int faster = 0; faster < 2; faster++) {
		struct st_header *h = test_state(32768);
		struct report_options o = {.pictures = true};
		struct report *r;
		struct st_live *l;
		char *path;

		test_table(h, TABLE_live, sizeof(*l), 4, 2, (sizeof(*h) + 63) & ~(size_t)63);
		l = test_row(h, TABLE_live, 0);
		*l = (struct st_live){.thread = 1, .wait_fd = -1, .nheld = 1, .acquiring = 1};
		l->held[0] = (struct st_held){.addr = 100, .mode = HELD_MUTEX};
		l->held[1] = (struct st_held){.addr = 200, .mode = HELD_MUTEX};
		l = test_row(h, TABLE_live, 1);
		*l = (struct st_live){.thread = 2,
				      .wait_fd = -1,
				      .wait_call = CALL_mutex_lock,
				      .wait_addr = faster ? 100 : 200,
				      .nheld = 1};
		l->held[0] = (struct st_held){.addr = faster ? 200 : 300, .mode = HELD_MUTEX};
		path = (char *)test_file("a.state", h, 32768);
		assert_int_equal(report_build(&r, &path, 1, &o), 0);
		assert_int_equal(in_ring(r, GRAPH_WAIT), faster ? 4 : 0);
		assert_int_equal(graph_of(r, GRAPH_WAIT)->nedges, faster ? 4 : 2);
		report_free(r);
		free(h);
	}
}

static void a_long_wait_is_told_with_the_end_of_its_chain(void **state)
{
	struct report *r;
	char *out;

	(void)state;
	begin();
	line("{\"ev\":\"live\",\"thread\":1,\"wait_call\":\"mutex_lock\",\"wait_addr\":100,\"wait_"
	     "since\":2000000000,\"wait_fd\":-1}\n");
	waits(2, "recv", 0, 0);
	held(2, 100, HELD_MUTEX);
	r = report_of(false);
	out = rendered(r, FORMAT_TEXT);
	assert_non_null(strstr(out, "\nWho waits for whom in app (pid 7)\n"
				    "    thread 1 waits for lock 0x64, held by thread 2\n"
				    "    thread 2 in recv at take (code.c:3)\n"));
	free(out);
	report_free(r);
}

static void those_that_wait_alike_are_one(void **state)
{
	const struct graph *g;
	struct report *r;
	char *out;

	(void)state;
	two_threads(0);
	for (unsigned i = 10; i < 310; i++) {
		thread(i, "pool");
		waits(i, "mutex_lock", 100, 0);
	}
	r = report_of(false);
	g = graph_of(r, GRAPH_WAIT);
	assert_int_equal(g->nnodes, 5);
	assert_int_equal(g->nedges, 5);
	assert_int_equal(g->left, 0);
	out = rendered(r, FORMAT_TEXT);
	assert_non_null(strstr(out, "300 threads 'pool' wait for lock 0x64, held by thread 1 "
				    "'one'\n"));
	free(out);
	report_free(r);
}

static void too_many_are_cut_and_it_is_said(void **state)
{
	const struct graph *g;
	struct report *r;
	char *out;

	(void)state;
	begin();
	for (unsigned i = 1; i <= 200; i++) { /* a chain into a ring of two */
		waits(i, "mutex_lock", i < 200 ? 1000 + i + 1 : 1199, 0);
		held(i, 1000 + i, HELD_MUTEX);
	}
	r = report_of(true);
	g = graph_of(r, GRAPH_WAIT);
	assert_int_equal(g->nnodes, GRAPH_NODES_MAX);
	assert_int_equal(in_ring(r, GRAPH_WAIT), 4);
	assert_true(g->node[0].ring && g->node[1].ring && g->node[2].ring && g->node[3].ring);
	assert_int_equal(g->left, 200 - GRAPH_NODES_MAX / 2);
	out = rendered(r, FORMAT_DOT);
	assert_non_null(strstr(out, "136 more threads that wait are not drawn"));
	free(out);
	out = rendered(r, FORMAT_TEXT);
	assert_non_null(strstr(out, "more threads wait\n"));
	free(out);
	report_free(r);
}

/* ---- lock order --------------------------------------------------------------------------------
 */
static void edge(unsigned from, unsigned to)
{
	line("{\"ev\":\"edge\",\"from\":%u,\"to\":%u,\"from_stack\":1,\"to_stack\":2,\"thread\":1}"
	     "\n",
	     from, to);
}

static void told(unsigned a, unsigned b, unsigned thread_ab, unsigned thread_ba)
{
	line("{\"ev\":\"order\",\"t\":2000,\"edges\":[{\"from\":%u,\"to\":%u,\"from_addr\":64,\"to_"
	     "addr\":128,\"from_stack\":1,\"to_stack\":2,\"thread\":%u},{\"from\":%u,\"to\":%u,"
	     "\"from_addr\":128,\"to_addr\":64,\"from_stack\":2,\"to_stack\":1,\"thread\":%u}]}\n",
	     a, b, thread_ab, b, a, thread_ba);
}

static void a_reported_cycle_is_marked(void **state)
{
	const struct graph *g;
	struct report *r;

	(void)state;
	begin();
	edge(1, 2);
	edge(2, 3);
	told(1, 2, 1, 2);
	r = report_of(true);
	g = graph_of(r, GRAPH_ORDER);
	assert_int_equal(r->warnings, 1);
	assert_int_equal(g->nnodes, 3);
	assert_int_equal(g->nedges, 3);
	assert_int_equal(in_ring(r, GRAPH_ORDER), 2);
	report_free(r);
	begin(); /* one thread did it all: no diagnosis, no mark */
	told(1, 2, 1, 1);
	r = report_of(true);
	assert_int_equal(r->ndiags, 0);
	assert_int_equal(graph_of(r, GRAPH_ORDER)->nedges, 2);
	assert_int_equal(in_ring(r, GRAPH_ORDER), 0);
	report_free(r);
	r = report_of(false); /* not for text */
	assert_null(graph_of(r, GRAPH_ORDER));
	report_free(r);
}

static void of_a_large_order_the_cycles_are_drawn(void **state)
{
	const struct graph *g;
	struct report *r;
	char *out;

	(void)state;
	begin();
	for (unsigned i = 10; i < 510; i++)
		edge(i, i + 1);
	edge(601, 602); /* a cycle nobody told */
	edge(602, 601);
	told(1, 2, 1, 2);
	r = report_of(true);
	g = graph_of(r, GRAPH_ORDER);
	assert_int_equal(g->nnodes, 4);
	assert_int_equal(g->nedges, 4);
	assert_true(g->edge[0].ring && g->edge[1].ring && !g->edge[2].ring && !g->edge[3].ring);
	assert_int_equal(g->left, 500);
	out = rendered(r, FORMAT_DOT);
	assert_non_null(strstr(out, "500 more orders"));
	free(out);
	report_free(r);
}

/* ---- pictures ----------------------------------------------------------------------------------
 */
static void count(const char *in, const char *what, unsigned times)
{
	unsigned n = 0;

	for (const char *at = in; (at = strstr(at, what)); at++)
		n++;
	if (n != times)
		fail_msg("'%s' is there %u times, not %u", what, n, times);
}

static void pictures_are_made(void **state)
{
	struct report *r;
	char *out;

	(void)state;
	two_threads(0);
	r = report_of(true);
	out = rendered(r, FORMAT_DOT);
	assert_ptr_equal(strstr(out, "digraph pitfall {"), out);
	count(out, " -> ", 4);
	assert_non_null(strstr(out, "thread 1 'one'"));
	free(out);
	out = rendered(r, FORMAT_SVG);
	assert_non_null(strstr(out, "<svg "));
	assert_string_equal(out + strlen(out) - 7, "</svg>\n");
	count(out, "class=\"node\"", 4);
	count(out, "class=\"edge\"", 4);
	free(out);
	report_free(r);
	begin();
	r = report_of(true);
	out = rendered(r, FORMAT_SVG);
	assert_non_null(strstr(out, "No thread waited for another"));
	free(out);
	report_free(r);
}

static void idle_threads_make_no_long_row(void **state)
{
	struct report *r;
	char *out;

	(void)state;
	begin();
	for (unsigned i = 1; i <= 6; i++)
		waits(i, "cond_wait", 100 * i, 0);
	r = report_of(true);
	assert_int_equal(graph_of(r, GRAPH_WAIT)->nedges, 6);
	out = rendered(r, FORMAT_DOT);
	count(out, "style=invis", 2); /* four in a row */
	free(out);
	out = rendered(r, FORMAT_SVG);
	count(out, "class=\"edge\"", 6);
	free(out);
	report_free(r);
}

/* Names as a program, or who forges a trace, may choose them. */
static void hostile_names_stay_words(void **state)
{
	struct report *r;
	char *dot, *svg;

	(void)state;
	begin();
	line("{\"ev\":\"stack\",\"id\":3,\"frames\":[\"f<int&>\\\\N\\\"; x -> y; \\\" at "
	     "/s/\\u001bq.c:1 "
	     "in /opt/app\"]}\n");
	thread(1, "<b>&#27;</b>");
	thread(2, "\\\"]; a->b; \\\\N");
	thread(3, "&lt;script&gt;");
	line("{\"ev\":\"live\",\"thread\":1,\"wait_call\":\"mutex_lock\",\"wait_addr\":200,\"wait_"
	     "stack\":3,\"wait_fd\":-1}\n");
	held(1, 100, HELD_MUTEX);
	waits(2, "mutex_lock", 100, 0);
	held(2, 200, HELD_MUTEX);
	waits(3, "mutex_lock", 100, 0);
	line("{\"ev\":\"sync\",\"serial\":9,\"kind\":\"mutex\",\"addr\":200,\"name\":\"<table>"
	     "\\\\G\"}\n");
	r = report_of(true);
	dot = rendered(r, FORMAT_DOT);
	count(dot, "\n\t\tg0n", 10); /* five nodes and five edges, none of the names' making */
	svg = rendered(r, FORMAT_SVG);
	count(svg, "class=\"node\"", 5);
	count(svg, "class=\"edge\"", 5);
	assert_null(strstr(svg, "<b>"));
	assert_null(strstr(svg, "<script"));
	assert_null(strstr(svg, "&#27;"));
	assert_null(strstr(svg, "\x1b"));
	assert_null(strstr(svg, "g0n0N")); /* \N is the node's name to Graphviz */
	assert_non_null(strstr(svg, "\\N"));
	assert_non_null(strstr(svg, "&lt;table&gt;\\G"));
	free(dot);
	free(svg);
	report_free(r);
}

/* ---- nets --------------------------------------------------------------------------------------
 */
static void cycles_are_found_however_long(void **state)
{
	const u32 n = 300000; /* deeper than any stack */
	struct net t = {.n = n + 3};

	(void)state;
	for (u32 i = 0; i < n; i++)
		assert_int_equal(net_arc(&t, (struct arc){.from = i, .to = (i + 1) % n}), 0);
	net_arc(&t, (struct arc){.from = n, .to = 0});
	net_arc(&t, (struct arc){.from = n + 1, .to = n + 1});
	net_arc(&t, (struct arc){.from = n + 2, .to = n + 2, .soft = true});
	assert_int_equal(net_finish(&t), 0);
	for (u32 i = 0; i < n; i++)
		assert_true(t.ring[i] && t.ring[i] == t.ring[0]);
	assert_int_equal(t.ring[n], 0);
	assert_true(t.ring[n + 1] && t.ring[n + 1] != t.ring[0]);
	assert_int_equal(t.ring[n + 2], 0);
	assert_int_equal(t.in_at[1] - t.in_at[0], 2);
	net_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_ring_and_who_hangs_on_it),
	    cmocka_unit_test(what_opens_by_itself_is_no_ring),
	    cmocka_unit_test(other_rings),
	    cmocka_unit_test(an_announced_lock_is_waited_for_or_held),
	    cmocka_unit_test(a_long_wait_is_told_with_the_end_of_its_chain),
	    cmocka_unit_test(those_that_wait_alike_are_one),
	    cmocka_unit_test(too_many_are_cut_and_it_is_said),
	    cmocka_unit_test(a_reported_cycle_is_marked),
	    cmocka_unit_test(of_a_large_order_the_cycles_are_drawn),
	    cmocka_unit_test(pictures_are_made),
	    cmocka_unit_test(idle_threads_make_no_long_row),
	    cmocka_unit_test(hostile_names_stay_words),
	    cmocka_unit_test(cycles_are_found_however_long),
	};
	return cmocka_run_group_tests(tests, test_dir_make, test_dir_drop);
}
