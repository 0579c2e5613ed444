/* SPDX-License-Identifier: MIT */
/*
 * Owns: the orders seen between kinds of locks (by birth site), with the last uses of each, and the
 * telling of two that go against each other though no two locks did. Locks in a module's data are
 * kinds of their own; orders within one kind say nothing here (a tree, two accounts by address).
 *
 * Where two locks of the kinds did go both ways, the lock-order graph has judged it: the kinds are
 * silent from then on, and what was told of them before is taken back.
 *
 * Bounded: PAIRS pairs of kinds, USES uses of each; what has no room is not judged. Signal-safe;
 * its lock is outside order.lock and edges.lock, and is not held while it writes.
 */
#include "detect/lock_class.h"

#include <string.h>

#include "base/lock.h"
#include "detect/lock_order.h"
#include "state/order.h"
#include "trace/event.h"

enum { PAIRS = 512, USES = 6, PROBES = 8, OF_ONE = 1u << 31 };

struct end {
	u64 addr;
	u32 serial, kind, maker, born;
	bool made; /* by an init call, after start-up: there may be any number of them */
};
struct kind_use {
	struct edge_use use;
	struct end from, to;
};
struct pair {
	u32 from, to; /* kinds */
	u32 n, next;
	bool judged; /* two locks of these kinds went both ways */
	u32 told;    /* as what, 0 not yet */
	struct kind_use use[USES];
};

static struct {
	unsigned lock;
	u32 world, told;
	struct pair pair[PAIRS];
} APART kinds;

/* Its kind, 0: not judged by kind. */
static u32 end_of(u32 row, struct end *e)
{
	const struct st_sync *s = sync_row(row);

	if (!s || s->flags & (SF_STACK | SF_PSHARED))
		return 0;
	*e = (struct end){.addr = s->addr,
			  .serial = s->serial,
			  .born = s->stack,
			  .maker = s->waits ? 0 : s->thread,
			  .made = !(s->flags & SF_STATIC) && s->born > thread_first_started()};
	e->kind = s->flags & SF_MODULE ? s->serial | OF_ONE : s->site;
	return e->kind;
}

static struct pair *pair_at(u32 from, u32 to, bool make)
{
	u32 at = from * 2654435761u ^ to * 40503u;

	for (u32 i = 0; i < PROBES; i++) {
		struct pair *p = &kinds.pair[(at + i) % PAIRS];

		if (p->from == from && p->to == to)
			return p;
		if (!p->from && make) {
			p->from = from;
			p->to = to;
			return p;
		}
	}
	return NULL;
}

static void add_use(struct pair *p, const struct kind_use *u)
{
	u32 i = 0;

	while (i < p->n && p->use[i].use.thread != u->use.thread)
		i++;
	if (i == p->n && p->n < USES)
		p->n++;
	else if (i == p->n)
		i = p->next++ % USES;
	p->use[i] = *u;
}

static bool gate_in(const struct edge_use *a, u32 gate)
{
	for (int i = 0; gate && i < EDGE_GATES; i++)
		if (a->gates[i] == gate)
			return true;
	return false;
}

static bool both_read(u8 a, u8 b)
{
	return a == HELD_READ && b == HELD_READ;
}

/* Could ours and the other be in the making at one time, each with its first lock? */
static bool can_meet(const struct thread *t, const struct kind_use *a, const struct kind_use *b)
{
	if (a->use.thread == b->use.thread || b->use.in_once ||
	    order_before(b->use.stamp, t) != ORDER_NO)
		return false;
	for (int i = 0; i < EDGE_GATES; i++)
		if (gate_in(&b->use, a->use.gates[i]))
			return false;
	return !both_read(a->use.to_mode, b->use.from_mode) &&
	       !both_read(b->use.to_mode, a->use.from_mode);
}

/* Somebody else made the locks, or had to wait for them, or there is but one of the kind: they pass
 * from hand to hand. What a thread makes and takes is its own as far as is known. */
static bool is_shared(const struct kind_use *u)
{
	return (u->from.kind & OF_ONE || u->from.maker != u->use.thread) &&
	       (u->to.kind & OF_ONE || u->to.maker != u->use.thread);
}

/* Members of one structure lie the same way apart; or one of the two locks is the same, and the
 * others come and go while the program runs: what else should keep them apart? Anything weaker is a
 * guess: locks made at one place at the start may have ranks. */
static bool is_likely(const struct kind_use *a, const struct kind_use *b)
{
	if (!is_shared(a) || !is_shared(b))
		return false;
	if (a->to.addr - a->from.addr == b->from.addr - b->to.addr)
		return true;
	if (a->to.serial == b->from.serial)
		return a->from.made && b->to.made;
	return a->from.serial == b->to.serial && a->to.made && b->from.made;
}

static struct order_step step_of(const struct kind_use *u)
{
	return (struct order_step){.from = u->from.serial,
				   .to = u->to.serial,
				   .from_addr = u->from.addr,
				   .to_addr = u->to.addr,
				   .from_stack = u->use.from_stack,
				   .to_stack = u->use.to_stack,
				   .from_born = u->from.born,
				   .to_born = u->to.born,
				   .thread = u->use.thread,
				   .from_mode = u->use.from_mode,
				   .to_mode = u->use.to_mode};
}

enum verdict { NOTHING, LIKELY, GUESS, TAKEN_BACK };

static enum verdict look(const struct thread *t, struct pair *p, struct pair *back,
			 const struct kind_use *u, bool went_back, struct kind_use *other)
{
	if (!p || !back || p->judged)
		return NOTHING;
	if (went_back) {
		p->judged = back->judged = true;
		return p->told ? TAKEN_BACK : NOTHING;
	}
	for (u32 i = 0; !p->told && i < back->n; i++) {
		if (!can_meet(t, u, &back->use[i]))
			continue;
		*other = back->use[i];
		p->told = back->told = ++kinds.told;
		return is_likely(u, other) ? LIKELY : GUESS;
	}
	return NOTHING;
}

void lock_class_note(struct thread *t, const struct edge_new *e)
{
	struct kind_use u = {.use = e->use}, other = {0};
	u32 from = end_of(e->from, &u.from), to = end_of(e->to, &u.to);
	bool went_back = edge_find(e->to_serial, e->from_serial) != 0;
	enum verdict v;
	struct pair *p;
	struct lock_guard g;

	if (!from || !to || from == to || from & to & OF_ONE)
		return;
	g = lock_acquire(&kinds.lock);
	if (kinds.world != order_world()) { /* a forked child begins anew */
		memset(kinds.pair, 0, sizeof(kinds.pair));
		kinds.world = order_world();
	}
	p = pair_at(from, to, true);
	if (p)
		add_use(p, &u);
	v = look(t, p, pair_at(to, from, false), &u, went_back, &other);
	lock_release(&g);
	if (v == TAKEN_BACK) {
		event_order_apart(t->serial, p->told);
	} else if (v != NOTHING) {
		struct order_step steps[2] = {step_of(&u), step_of(&other)};

		event_order_by_site(t->serial, steps, v == GUESS, p->told);
	}
}
