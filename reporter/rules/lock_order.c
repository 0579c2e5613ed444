/* SPDX-License-Identifier: MIT */
/*
 * lock-order-inversion: locks are taken in orders that can meet in a ring. Evidence: the `order`
 * events, checked once more against the edge table. Pure; called by report.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rule.h"

#define EVENTS_MAX 2000u /* each is looked up in the whole edge table */

const struct rule_text text_lock_order = {
    .means = "Some code holds lock A and takes B, other code holds B and takes A (or a longer ring "
	     "of the same kind). It went "
	     "well this time; if both get their first lock at once, both wait for ever.",
    .evidence = "The whole ring: for each step which lock was held, which was taken, by whom, with "
		"both stacks.",
    .silent =
	"Another lock is always held over two of the steps; one thread did both; the second "
	"lock is only tried, or with a time limit; only readers would meet; one step is over "
	"before the other can begin, by thread creation, join, a barrier, a once, or a signal, "
	"post or message that was waited for. Where such an order may exist unseen, it is a "
	"note.",
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

/* ---- words -------------------------------------------------------------------------------------
 */
#define STEPS_MAX  64u
#define STEPS_SAID 4u

struct step { /* one edge of the ring */
	u32 from, to, thread, from_stack, to_stack, from_mode, to_mode, times;
	u64 from_addr, to_addr;
};

static void step_of(struct step *s, const json_t *js)
{
	*s = (struct step){.from = get(js, "from"),
			   .to = get(js, "to"),
			   .thread = get(js, "thread"),
			   .from_stack = get(js, "from_stack"),
			   .to_stack = get(js, "to_stack"),
			   .from_mode = get(js, "from_mode"),
			   .to_mode = get(js, "to_mode"),
			   .times = get(js, "times"),
			   .from_addr = json_u64(json_object_get(js, "from_addr")),
			   .to_addr = json_u64(json_object_get(js, "to_addr"))};
}

static const char *how(u32 mode)
{
	return mode == HELD_READ ? " for reading" : mode == HELD_WRITE ? " for writing" : "";
}

/* "transfer (bank.c:20) holds the mutex 'a' and takes the mutex 'b' (thread 3, 12 times)" */
static void say_step(FILE *out, const struct model_process *p, const struct step *s)
{
	fprintf(out, "%s holds the %s%s and takes the %s%s (%s", say_place(p, s->to_stack),
		say_sync(p, s->from, s->from_addr), how(s->from_mode),
		say_sync(p, s->to, s->to_addr), how(s->to_mode), say_thread(p, s->thread));
	if (s->times > 1)
		fprintf(out, ", seen %s", say_times(s->times));
	fprintf(out, ")");
}

/* All steps of a short ring; of a long one the first ones. */
static char *say_steps(const struct model_process *p, const struct step *s, size_t n)
{
	size_t size, said = n <= STEPS_SAID ? n : STEPS_SAID - 1;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < said; i++) {
		if (i)
			fputs(i + 1 == n ? "; and " : "; ", out);
		say_step(out, p, &s[i]);
	}
	if (said < n)
		fprintf(out, "; and so on, over %zu locks, back to the first one", n);
	fputc('.', out);
	fclose(out);
	return text;
}

/* Is it all in one function, called with its locks either way round? */
static bool in_one_place(const struct model_process *p, const struct step *s, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(say_place(p, s[i].to_stack), say_place(p, s[0].to_stack)) != 0)
			return false;
	return true;
}

static void say_title(struct diagnosis *d, const struct model_process *p, const struct step *s,
		      size_t n)
{
	const char *here = say_place(p, s[0].to_stack);

	if (in_one_place(p, s, n))
		diag_title(d,
			   n == 2 ? "Two locks are taken in both orders in %s"
				  : "Locks are taken in a ring of orders in %s",
			   here);
	else if (n == 2)
		diag_title(d, "Two locks are taken in opposite orders: in %s and in %s", here,
			   say_place(p, s[1].to_stack));
	else
		diag_title(d, "%zu locks are taken in orders that form a ring: in %s, %s%s %s", n,
			   here, say_place(p, s[1].to_stack), n == 3 ? " and" : ", …,",
			   say_place(p, s[n - 1].to_stack));
}

static void say(struct diagnosis *d, const struct model_process *p, const struct step *s, size_t n,
		bool doubt)
{
	char *steps = say_steps(p, s, n);

	say_title(d, p, s, n);
	diag_what(d, "%s", steps ? steps : "");
	free(steps);
	if (doubt)
		diag_why(
		    d, "If these threads get their first lock at the same moment, each waits for "
		       "the next one's, for ever. Something may keep these moments apart that "
		       "could not be seen for certain: a semaphore or pipe between the threads, a "
		       "lock of the program's own making, an initialiser that all have passed.");
	else
		diag_why(d,
			 "If these threads get their first lock at the same moment, each waits for "
			 "the next one's, for ever. Nothing but luck kept them apart in this run.");
	diag_fix(d,
		 "Take these locks in one order everywhere: in each of these places, or behind one "
		 "function that takes them all.");
}

static void show(struct diagnosis *d, const struct model_process *p, const struct step *s, u64 t)
{
	diag_sync(d, s->from, s->from_addr);
	diag_thread(d, s->thread);
	diag_evidence(d, 0, s->thread, s->from_stack, "%s took the %s%s here",
		      say_thread(p, s->thread), say_sync(p, s->from, s->from_addr),
		      how(s->from_mode));
	diag_evidence(d, t, s->thread, s->to_stack, "and then, still holding it, the %s%s here",
		      say_sync(p, s->to, s->to_addr), how(s->to_mode));
	diag_role_cycle(d, s->from_stack, s->to_stack);
	diag_about(d, ABOUT_SYNC, s->from);
}

void rule_lock_order(const struct model_process *p, struct findings *out)
{
	unsigned seen = 0;

	FOR_EACH_EVENT(p, "order", e)
	{
		const json_t *edges = json_object_get(e->js, "edges");
		bool doubt = get(e->js, "doubt");
		size_t n = json_array_size(edges);
		struct step s[STEPS_MAX];
		struct diagnosis *d;

		if (++seen > EVENTS_MAX)
			break;
		if (n < 2 || n > STEPS_MAX || by_one_thread(p, edges) || is_gated(p, edges))
			continue;
		for (size_t i = 0; i < n; i++)
			step_of(&s[i], json_array_get(edges, i));
		d = diag_new(out, SEV_WARNING, doubt ? CONF_SUSPECTED : CONF_LIKELY);
		say(d, p, s, n, doubt);
		for (size_t i = 0; i < n; i++)
			show(d, p, &s[i], e->t);
	}
}
