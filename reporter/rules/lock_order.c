/* SPDX-License-Identifier: MIT */
/*
 * lock-order-inversion: locks are taken in orders that can meet in a ring. Evidence: the `order`
 * events, checked once more against the edge table. Pure; called by report.c.
 */
#include <string.h>
#include "rule.h"

#define EVENTS_MAX 2000u /* each is looked up in the whole edge table */

const struct rule_text text_lock_order = {
    .means = "Some code holds lock A and takes B, other code holds B and takes A (or a longer ring "
	     "of the same kind). It went "
	     "well this time; if both get their first lock at once, both wait for ever.",
    .evidence = "The whole ring: for each step which lock was held, which was taken, by whom, with "
		"both stacks.",
    .silent = "Another lock is always held over all of it; one thread did all of it; the second "
	      "lock is only tried; the places "
	      "are kept apart by thread creation or join.",
    .fix = "Decide on one order for these locks, write it down where they are declared, and take "
	   "them in that order everywhere.",
    .example = "void a_to_b(void) { lock(&a); lock(&b); … }\n"
	       "void b_to_a(void) { lock(&b); lock(&a); … }   /* the other way round */\n",
};

static u32 get(const json_t *js, const char *key)
{
	return (u32)json_u64(json_object_get(js, key));
}

static const struct st_edge *edge_of(const struct model_process *p, u32 from, u32 to)
{
	FOR_EACH_ROW(p, edge, e)
	if (e->from == from && e->to == to)
		return e;
	return NULL;
}

static bool has_gate(const struct st_edge *e, u32 gate)
{
	return e->gate0 == gate || e->gate1 == gate || e->gate2 == gate || e->gate3 == gate;
}

/* A lock that was held over every step keeps the steps apart. */
static bool is_gated(const struct model_process *p, const json_t *edges)
{
	const json_t *js = json_array_get(edges, 0);
	const struct st_edge *first = edge_of(p, get(js, "from"), get(js, "to"));
	u32 gate[4];

	if (!first)
		return false;
	gate[0] = first->gate0, gate[1] = first->gate1, gate[2] = first->gate2,
	gate[3] = first->gate3;
	for (int g = 0; g < 4; g++) {
		bool all = gate[g] != 0;

		for (size_t i = 1; all && i < json_array_size(edges); i++) {
			const json_t *at = json_array_get(edges, i);
			const struct st_edge *e = edge_of(p, get(at, "from"), get(at, "to"));

			all = e && has_gate(e, gate[g]);
		}
		if (all)
			return true;
	}
	return false;
}

static bool by_one_thread(const struct model_process *p, const json_t *edges)
{
	u32 thread = get(json_array_get(edges, 0), "thread");

	for (size_t i = 0; i < json_array_size(edges); i++) {
		const json_t *at = json_array_get(edges, i);
		const struct st_edge *e = edge_of(p, get(at, "from"), get(at, "to"));

		if (get(at, "thread") != thread || (e && e->flags & 1))
			return false;
	}
	return thread != 0;
}

static void say(struct diagnosis *d, const struct model_process *p, const json_t *edges)
{
	size_t n = json_array_size(edges);
	const json_t *a = json_array_get(edges, 0), *b = json_array_get(edges, 1);
	const char *first = say_sync(p, get(a, "from"), json_u64(json_object_get(a, "from_addr")));
	const char *other = say_sync(p, get(a, "to"), json_u64(json_object_get(a, "to_addr")));

	const char *here = say_place(p, get(a, "to_stack")),
		   *there = say_place(p, get(b, "to_stack"));

	if (strcmp(here, there) ==
	    0) { /* one function, called with its arguments either way round */
		diag_title(d, "%zu locks are taken in both orders in %s", n, here);
		diag_what(d,
			  "In %s one lock is taken while another is held; %s took two of them in "
			  "one order, %s "
			  "in the other.",
			  here, say_thread(p, get(a, "thread")), say_thread(p, get(b, "thread")));
	} else {
		diag_title(d, "%zu locks are taken in opposite orders: in %s and in %s", n, here,
			   there);
		diag_what(d, "%s holds the %s and takes the %s; %s goes the other way round%s.",
			  here, first, other, there, n > 2 ? ", through further locks" : "");
	}
	diag_why(d, "If these threads get their first lock at the same moment, each waits for the "
		    "other's, for ever. It did not "
		    "happen in this run.");
	diag_fix(d, "Take these locks in one order everywhere.");
}

void rule_lock_order(const struct model_process *p, struct findings *out)
{
	unsigned seen = 0;

	FOR_EACH_EVENT(p, "order", e)
	{
		const json_t *edges = json_object_get(e->js, "edges");
		size_t n = json_array_size(edges);
		struct diagnosis *d;

		if (++seen > EVENTS_MAX)
			break;
		if (n < 2 || n > 64 || by_one_thread(p, edges) || is_gated(p, edges))
			continue;
		d = diag_new(out, SEV_WARNING, CONF_LIKELY);
		say(d, p, edges);
		for (size_t i = 0; i < n; i++) {
			const json_t *x = json_array_get(edges, i);
			u64 from = json_u64(json_object_get(x, "from_addr")),
			    to = json_u64(json_object_get(x, "to_addr"));
			u32 thread = get(x, "thread");

			diag_sync(d, get(x, "from"), from);
			diag_thread(d, thread);
			diag_evidence(d, 0, thread, get(x, "from_stack"), "%s took the %s here",
				      say_thread(p, thread), say_sync(p, get(x, "from"), from));
			diag_evidence(d, e->t, thread, get(x, "to_stack"),
				      "and then, still holding it, the %s here",
				      say_sync(p, get(x, "to"), to));
			diag_role_cycle(d, get(x, "from_stack"), get(x, "to_stack"));
			diag_about(d, ABOUT_SYNC, get(x, "from"));
		}
	}
}
