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
	u32 from, to, thread, from_stack, to_stack, from_mode, to_mode, times, from_born, to_born;
	u64 from_addr, to_addr;
	char *name, *to_name; /* of `from`; of `to`, which usually is the next one's `from` */
};
struct ring {
	const struct model_process *p;
	struct step step[STEPS_MAX];
	size_t n;
	bool doubt;
	bool by_site; /* it is one of kinds of locks, not of locks */
	u64 t;
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
			   .from_born = get(js, "from_born"),
			   .to_born = get(js, "to_born"),
			   .from_addr = json_u64(json_object_get(js, "from_addr")),
			   .to_addr = json_u64(json_object_get(js, "to_addr"))};
}

static const char *kind_of(u32 mode)
{
	return mode == HELD_READ || mode == HELD_WRITE ? "rwlock"
	       : mode == HELD_SPIN		       ? "spinlock"
						       : "mutex";
}

/* A lock that is gone has no row any more: known by where it came from. */
static const char *say_lock(const struct model_process *p, u32 serial, u64 addr, u32 born, u32 mode,
			    char *text, size_t size)
{
	if (process_sync(p, serial) || process_variable_at(p, addr) || !born)
		return say_sync(p, serial, addr);
	snprintf(text, size, "%s from %s", kind_of(mode), say_place(p, born));
	return text;
}

/* Those that would be called the same get numbers. */
static void name_locks(struct ring *r)
{
	char *plain[STEPS_MAX], text[1024];

	for (size_t i = 0; i < r->n; i++) {
		const struct step *s = &r->step[i];

		plain[i] = strdup(say_lock(r->p, s->from, s->from_addr, s->from_born, s->from_mode,
					   text, sizeof(text)));
	}
	for (size_t i = 0; i < r->n; i++) {
		unsigned same = 0, nth = 0;

		for (size_t k = 0; plain[i] && k < r->n; k++)
			if (plain[k] && strcmp(plain[i], plain[k]) == 0) {
				same++;
				nth += k <= i;
			}
		if (same < 2 || asprintf(&r->step[i].name, "%s no. %u", plain[i], nth) < 0)
			r->step[i].name = plain[i] ? strdup(plain[i]) : NULL;
	}
	for (size_t i = 0; i < r->n; i++)
		free(plain[i]);
}

/* By birth site each step has two locks of its own. */
static void name_by_site(struct ring *r)
{
	char text[1024];

	for (size_t i = 0; i < r->n; i++) {
		struct step *s = &r->step[i];

		s->name = strdup(say_lock(r->p, s->from, s->from_addr, s->from_born, s->from_mode,
					  text, sizeof(text)));
		s->to_name = strdup(
		    say_lock(r->p, s->to, s->to_addr, s->to_born, s->to_mode, text, sizeof(text)));
	}
}

static const char *from_name(const struct ring *r, size_t i)
{
	return r->step[i].name ? r->step[i].name : "lock";
}
static const char *to_name(const struct ring *r, size_t i)
{
	if (r->step[i].to_name)
		return r->step[i].to_name;
	return from_name(r, (i + 1) % r->n);
}

static const char *how(u32 mode)
{
	return mode == HELD_READ ? " for reading" : mode == HELD_WRITE ? " for writing" : "";
}

/* "transfer (bank.c:20) holds the mutex 'a' and takes the mutex 'b' (thread 3, seen 12 times)" */
static void say_step(FILE *out, const struct ring *r, size_t i)
{
	const struct step *s = &r->step[i];

	fprintf(out, "%s holds the %s%s and takes the %s%s (%s", say_place(r->p, s->to_stack),
		from_name(r, i), how(s->from_mode), to_name(r, i), how(s->to_mode),
		say_thread(r->p, s->thread));
	if (s->times > 1)
		fprintf(out, ", seen %s", say_times(s->times));
	fprintf(out, ")");
}

/* All steps of a short ring; of a long one the first ones. */
static char *say_steps(const struct ring *r)
{
	size_t size, said = r->n <= STEPS_SAID ? r->n : STEPS_SAID - 1;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < said; i++) {
		if (i)
			fputs(i + 1 == r->n ? "; and " : "; ", out);
		say_step(out, r, i);
	}
	if (said < r->n)
		fprintf(out, "; and so on, over %zu locks, back to the first one", r->n);
	fputc('.', out);
	fclose(out);
	return text;
}

/* Is it all in one function, called with its locks either way round? */
static bool in_one_place(const struct ring *r)
{
	for (size_t i = 1; i < r->n; i++)
		if (strcmp(say_place(r->p, r->step[i].to_stack),
			   say_place(r->p, r->step[0].to_stack)) != 0)
			return false;
	return true;
}

static void say_title(struct diagnosis *d, const struct ring *r)
{
	bool one = in_one_place(r);
	const char *here = say_place(r->p, r->step[0].to_stack),
		   *next = say_place(r->p, r->step[1].to_stack),
		   *last = say_place(r->p, r->step[r->n - 1].to_stack);

	if (r->by_site && !one)
		diag_title(d, "Locks of two kinds are taken in opposite orders: in %s and in %s",
			   here, next);
	else if (one)
		diag_title(d,
			   r->n == 2 ? "Two locks are taken in both orders in %s"
				     : "Locks are taken in orders that form a ring in %s",
			   here);
	else if (r->n == 2)
		diag_title(d, "Two locks are taken in opposite orders: in %s and in %s", here,
			   next);
	else
		diag_title(d, "%zu locks are taken in orders that form a ring: in %s, %s%s %s",
			   r->n, here, next, r->n == 3 ? " and" : ", …,", last);
}

static void say(struct diagnosis *d, const struct ring *r)
{
	char *steps = say_steps(r);

	say_title(d, r);
	diag_what(d, "%s%s", steps ? steps : "",
		  r->by_site ? " These were not the same two locks each time, but locks that were "
			       "made in the same places."
			     : "");
	free(steps);
	if (r->by_site)
		diag_why(d,
			 "When both places come to the same two locks and get their first one at "
			 "the same moment, each waits for the other's, for ever. %s",
			 r->doubt ? "Whether they ever do, nothing in this run could tell."
				  : "Nothing was seen that keeps the places apart.");
	else if (r->doubt)
		diag_why(
		    d, "If these threads get their first lock at the same moment, each waits for "
		       "the next one's, for ever. Something may keep these moments apart that "
		       "could not be seen for certain: a semaphore or pipe between the threads, a "
		       "lock of the program's own making, an initialiser that all have passed.");
	else
		diag_why(d, "If these threads get their first lock at the same moment, each waits "
			    "for the next one's, for ever. Nothing but luck kept them apart in "
			    "this run.");
	diag_fix(d, "Take these locks in one order everywhere: in each of these places, or behind "
		    "one function that takes them all.");
}

static void show_lock(struct diagnosis *d, const struct ring *r, u32 serial, u64 addr, u32 born,
		      u32 mode)
{
	if (process_sync(r->p, serial) || !born)
		diag_sync(d, serial, addr);
	else
		diag_object(d, kind_of(mode), serial, born, "0x%llx", (unsigned long long)addr);
}

static void show(struct diagnosis *d, const struct ring *r, size_t i)
{
	const struct step *s = &r->step[i];

	show_lock(d, r, s->from, s->from_addr, s->from_born, s->from_mode);
	if (r->by_site)
		show_lock(d, r, s->to, s->to_addr, s->to_born, s->to_mode);
	diag_thread(d, s->thread);
	diag_evidence(d, 0, s->thread, s->from_stack, "%s took the %s%s here",
		      say_thread(r->p, s->thread), from_name(r, i), how(s->from_mode));
	diag_evidence(d, i ? 0 : r->t, s->thread, s->to_stack,
		      "and then, still holding it, the %s%s here", to_name(r, i), how(s->to_mode));
	diag_role_cycle(d, s->from_stack, s->to_stack);
	diag_about(d, ABOUT_SYNC, s->from);
	if (r->by_site)
		diag_about(d, ABOUT_SYNC, s->to);
}

/* Told by birth site, and taken back since. */
static bool is_void(const struct model_process *p, u32 by_site)
{
	if (!by_site)
		return false;
	FOR_EACH_EVENT(p, "order_apart", e)
	if (get(e->js, "by_site") == by_site)
		return true;
	return false;
}

static void tell(const struct model_process *p, struct findings *out, const struct model_event *e,
		 const json_t *edges)
{
	struct ring r = {.p = p,
			 .n = json_array_size(edges),
			 .doubt = get(e->js, "doubt"),
			 .by_site = get(e->js, "by_site"),
			 .t = e->t};
	struct diagnosis *d = diag_new(out, SEV_WARNING, r.doubt ? CONF_SUSPECTED : CONF_LIKELY);

	for (size_t i = 0; i < r.n; i++)
		step_of(&r.step[i], json_array_get(edges, i));
	if (r.by_site)
		name_by_site(&r);
	else
		name_locks(&r);
	say(d, &r);
	for (size_t i = 0; i < r.n; i++)
		show(d, &r, i);
	for (size_t i = 0; i < r.n; i++)
		free(r.step[i].name), free(r.step[i].to_name);
}

void rule_lock_order(const struct model_process *p, struct findings *out)
{
	unsigned seen = 0;

	FOR_EACH_EVENT(p, "order", e)
	{
		const json_t *edges = json_object_get(e->js, "edges");
		size_t n = json_array_size(edges);

		if (++seen > EVENTS_MAX)
			break;
		if (is_void(p, get(e->js, "by_site")))
			continue;
		if (n >= 2 && n <= STEPS_MAX && !by_one_thread(p, edges) && !is_gated(p, edges))
			tell(p, out, e, edges);
	}
}
