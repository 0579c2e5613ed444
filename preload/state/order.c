/* SPDX-License-Identifier: MIT */
/*
 * Owns: the clocks of threads and of objects, the slots. See order.h.
 *
 * A thread's own clock is read by itself without the lock, and changed under it (its own entry
 * apart, which it alone writes). Objects are kept in sets of eight; the least recently used goes,
 * and whoever asks for it later is told that its order is not known.
 */
#include "state/order.h"

#include <string.h>

#include "base/lock.h"

enum { NOBODY = ORDER_SLOTS - 1, SETS = 128, WAYS = 8, EPOCH_BITS = 54 };

struct slot {
	u64 epoch;		 /* of its present or last owner */
	u64 may_release;	 /* hashed keys of what it may have released unseen */
	struct thread *of;	 /* its owner while it lives */
	struct order_clock last; /* what an ended owner knew, until another has the slot */
	u32 owner;		 /* serial */
	u32 ended;		 /* when, in ends; 0: not */
	bool joinable;		 /* ended, somebody may still join it */
	bool opaque;
};
struct object {
	u64 key;
	u64 version; /* of its clock; unique among all objects and times */
	u64 by;	     /* the last release: by whom, and what he knew (struct thread_order.changes) */
	u64 used;
	struct order_clock clock;
};

static struct {
	unsigned lock;
	u32 world, slots, ends;
	u64 versions, uses;
	struct slot slot[ORDER_SLOTS];
	struct object object[SETS][WAYS];
	u64 lost[SETS][2]; /* hashed keys of those that had to go, lately and before */
	u8 nlost[SETS];
} APART order;

static u64 stamp_of(u32 slot, u64 epoch)
{
	return (u64)slot << EPOCH_BITS | epoch;
}
static u32 slot_of(u64 stamp)
{
	return (u32)(stamp >> EPOCH_BITS);
}
static u64 epoch_of(u64 stamp)
{
	return stamp & ((1ull << EPOCH_BITS) - 1);
}
static u64 hash(u64 key)
{
	return key * 0x9e3779b97f4a7c15ull;
}
static u64 bit_of(u64 key)
{
	return 1ull << (hash(key) >> 58);
}

/* ---- clocks ------------------------------------------------------------------------------------
 */

static u64 clock_at(const struct order_clock *c, u32 slot)
{
	return slot < c->n ? c->at[slot] : 0;
}

static void clock_free(struct order_clock *c)
{
	arena_private_free(c->at, c->room * sizeof(u64));
	*c = (struct order_clock){0};
}

/* At least n entries; false: no memory. */
static bool clock_room(struct order_clock *c, u32 n)
{
	u32 room = 8;
	u64 *at;

	if (n > c->room) {
		while (room < n)
			room *= 2;
		at = arena_private(room * sizeof(u64));
		if (!at)
			return false;
		if (c->n)
			memcpy(at, c->at, c->n * sizeof(u64));
		arena_private_free(c->at, c->room * sizeof(u64));
		c->at = at;
		c->room = room;
	}
	if (n > c->n)
		c->n = n;
	return true;
}

static bool clock_set(struct order_clock *c, u32 slot, u64 epoch)
{
	if (!clock_room(c, slot + 1))
		return false;
	c->at[slot] = epoch;
	return true;
}

/* Did `to` learn something? */
static bool clock_join(struct order_clock *to, const struct order_clock *from)
{
	bool grew = false;

	if (!clock_room(to, from->n))
		return false;
	for (u32 i = 0; i < from->n; i++)
		if (from->at[i] > to->at[i]) {
			to->at[i] = from->at[i];
			grew = true;
		}
	return grew;
}

/* Takes no more memory than it needs. */
static void clock_trim(struct order_clock *c)
{
	struct order_clock small = {0};

	while (c->n && !c->at[c->n - 1])
		c->n--;
	if (c->n && (c->n > c->room / 2 || c->room == 8))
		return;
	if (c->n && !clock_join(&small, c))
		return; /* no memory to save memory */
	clock_free(c);
	*c = small;
}

/* ---- stamps ------------------------------------------------------------------------------------
 */

/* What the thread does from here on is not what it has given away. */
static void next_epoch(struct thread *t)
{
	struct thread_order *o = &t->order;
	struct slot *s = &order.slot[o->slot];

	o->released = false;
	o->changes++;
	if (o->slot == NOBODY)
		return;
	o->epoch++;
	__atomic_store_n(&s->epoch, o->epoch, __ATOMIC_RELEASE);
	o->clock.at[o->slot] = o->epoch;
}

u64 order_stamp(struct thread *t)
{
	if (t->order.released)
		next_epoch(t);
	return stamp_of(t->order.slot, t->order.epoch);
}

/* It has given away what it did: memos of this epoch are of the past. */
static void released(struct thread *t)
{
	t->order.released = true;
	if (t->order.memos) {
		t->order.memos = false;
		memset(t->edges, 0, sizeof(t->edges));
	}
}

enum order order_before(u64 stamp, const struct thread *now)
{
	const struct thread_order *o = &now->order;
	u32 slot = slot_of(stamp);
	u64 epoch = epoch_of(stamp);
	const struct slot *s = &order.slot[slot];

	if (slot == NOBODY)
		return ORDER_UNKNOWN;
	if (clock_at(&o->clock, slot) >= epoch)
		return ORDER_YES;
	if (clock_at(&o->maybe, slot) >= epoch || s->may_release & o->may_acquire ||
	    (s->opaque && o->opaque))
		return ORDER_UNKNOWN;
	return ORDER_NO;
}

/* Has the slot's owner, or who has it by now, ever come to know of the stamp? */
static bool knows(u32 slot, u64 stamp)
{
	const struct slot *s = &order.slot[slot];
	const struct order_clock *c = s->of ? &s->of->order.clock : &s->last;

	return clock_at(c, slot_of(stamp)) >= epoch_of(stamp);
}

enum order order_between(u64 a, u64 b)
{
	u32 x = slot_of(a), y = slot_of(b);
	struct lock_guard g;
	bool met;

	if (x == y || x == NOBODY || y == NOBODY)
		return ORDER_UNKNOWN;
	g = lock_acquire(&order.lock);
	met = knows(x, b) || knows(y, a) || (order.slot[x].opaque && order.slot[y].opaque);
	lock_release(&g);
	return met ? ORDER_UNKNOWN : ORDER_NO;
}

u32 order_thread(u64 stamp)
{
	return slot_of(stamp) == NOBODY ? 0 : order.slot[slot_of(stamp)].owner;
}

u32 order_world(void)
{
	return __atomic_load_n(&order.world, __ATOMIC_RELAXED);
}

/* Something is lost: all that was done up to now may have come before what t does from here on. */
static void vague(struct thread *t)
{
	if (!clock_room(&t->order.maybe, order.slots))
		return;
	for (u32 i = 0; i < order.slots; i++)
		t->order.maybe.at[i] = __atomic_load_n(&order.slot[i].epoch, __ATOMIC_ACQUIRE);
}

/* ---- threads -----------------------------------------------------------------------------------
 */

/* One whose owner's whole life the creator knows; else a fresh one; else that whose owner ended
 * longest ago, those first that nobody can join any more. */
static u32 slot_take(const struct thread *parent)
{
	u32 oldest = NOBODY;

	for (u32 i = 0; i < order.slots; i++) {
		const struct slot *s = &order.slot[i], *o = &order.slot[oldest];

		if (s->of)
			continue;
		if (parent && clock_at(&parent->order.clock, i) >= s->epoch)
			return i;
		if (oldest == NOBODY || s->joinable < o->joinable ||
		    (s->joinable == o->joinable && (int)(s->ended - o->ended) < 0))
			oldest = i;
	}
	return order.slots < NOBODY ? order.slots++ : oldest;
}

void order_thread_born(struct thread *parent, struct thread *child)
{
	struct thread_order *o = &child->order;
	struct lock_guard g = lock_acquire(&order.lock);
	struct slot *s;

	o->slot = slot_take(parent);
	s = &order.slot[o->slot];
	if (parent)
		clock_join(&o->clock, &parent->order.clock);
	if (parent && parent->order.maybe.n)
		clock_join(&o->maybe, &parent->order.maybe);
	if (o->slot != NOBODY && !clock_set(&o->clock, o->slot, s->epoch + 1))
		o->slot = NOBODY;
	if (o->slot != NOBODY) {
		clock_free(&s->last);
		o->epoch = s->epoch + 1;
		__atomic_store_n(&s->epoch, o->epoch, __ATOMIC_RELEASE);
		s->of = child;
		s->owner = child->serial;
		s->may_release = 0;
		s->joinable = s->opaque = false;
	}
	if (!parent && (child->row->flags & (TF_ADOPTED | TF_MAIN)) == TF_ADOPTED)
		vague(child);
	child->row->slot = o->slot + 1;
	lock_release(&g);
	if (parent)
		released(parent);
}

static void leave(struct thread *t, bool joinable)
{
	struct thread_order *o = &t->order;
	struct slot *s = &order.slot[o->slot];
	struct lock_guard g = lock_acquire(&order.lock);

	if (s->of == t) {
		s->of = NULL;
		s->ended = ++order.ends;
		s->joinable = joinable;
		s->last = o->clock;
		o->clock = (struct order_clock){0};
		s->last.at[o->slot] = 0; /* s->epoch has it */
		clock_trim(&s->last);
	}
	clock_free(&o->clock);
	clock_free(&o->maybe);
	lock_release(&g);
}

void order_thread_discarded(struct thread *child)
{
	leave(child, false);
}

void order_thread_ended(struct thread *t)
{
	leave(t, !(t->row->flags & (TF_DETACHED | TF_JOINED)));
}

/* The slot of an ended thread's row, if it is still its own. */
static struct slot *slot_left(const struct st_thread *row)
{
	struct slot *s = row->slot ? &order.slot[row->slot - 1] : NULL;

	return s && row->slot - 1 != NOBODY && s->owner == row->serial && !s->of ? s : NULL;
}

void order_thread_joined(struct thread *by, const struct st_thread *row)
{
	struct lock_guard g = lock_acquire(&order.lock);
	struct slot *s = slot_left(row);

	if (s && clock_room(&by->order.clock, row->slot)) {
		clock_join(&by->order.clock, &s->last);
		by->order.clock.at[row->slot - 1] = s->epoch;
		if (by->order.released)
			next_epoch(by);
		s->joinable = false;
	} else {
		vague(by);
	}
	lock_release(&g);
}

void order_thread_reaped(const struct st_thread *row)
{
	struct lock_guard g = lock_acquire(&order.lock);
	struct slot *s = slot_left(row);

	if (s)
		s->joinable = false;
	lock_release(&g);
}

/* Clocks lay in memory that the fork has wiped. */
void order_fork_child(void)
{
	u32 world = order.world + 1;

	arena_child_clear(&order, sizeof(order));
	order.world = world;
}

/* ---- objects -----------------------------------------------------------------------------------
 */

static u32 set_of(u64 key)
{
	return (u32)(hash(key) >> 32) % SETS;
}

static struct object *find(u64 key)
{
	struct object *set = order.object[set_of(key)];

	for (int i = 0; i < WAYS; i++)
		if (__atomic_load_n(&set[i].key, __ATOMIC_ACQUIRE) == key)
			return &set[i];
	return NULL;
}

/* Keys that were lost are remembered for 32 losses at least: after that many, most of them are of
 * objects long gone. */
static void lose(u32 set, u64 key)
{
	if (order.nlost[set]++ == 32) {
		order.nlost[set] = 0;
		order.lost[set][1] = order.lost[set][0];
		order.lost[set][0] = 0;
	}
	order.lost[set][0] |= bit_of(key);
}

static bool is_lost(u64 key)
{
	const u64 *lost = order.lost[set_of(key)];

	return key >> 60 != ORDER_ONCE && (lost[0] | lost[1]) & bit_of(key);
}

static struct object *take(u64 key)
{
	struct object *o = find(key), *set = order.object[set_of(key)];

	if (o)
		return o;
	o = &set[0];
	for (int i = 1; i < WAYS && o->key; i++)
		if (!set[i].key || set[i].used < o->used)
			o = &set[i];
	if (o->key)
		lose(set_of(key), o->key);
	o->version = o->by = 0;
	memset(o->clock.at, 0, o->clock.n * sizeof(u64));
	o->clock.n = 0;
	__atomic_store_n(&o->key, key, __ATOMIC_RELEASE);
	return o;
}

/* The same, first where this thread found it last. */
static struct object *find_again(struct order_seen *seen, u64 key)
{
	struct object *o = seen->key == key ? seen->at : NULL;

	if (likely(o && __atomic_load_n(&o->key, __ATOMIC_ACQUIRE) == key))
		return o;
	return find(key);
}
static struct order_seen *seen_of(struct thread *t, u64 key)
{
	return &t->order.seen[hash(key) >> 61];
}

static u64 what_it_knows(const struct thread *t)
{
	return (u64)t->serial << 32 | (u32)t->order.changes;
}

static void give(struct thread *t, u64 key, bool anew)
{
	struct order_seen *seen = seen_of(t, key);
	struct object *o = find_again(seen, key);
	struct lock_guard g;

	if (o && !anew && t->order.released &&
	    __atomic_load_n(&o->by, __ATOMIC_RELAXED) == what_it_knows(t))
		return; /* it knows and has done nothing since its last release of the same */
	g = lock_acquire(&order.lock);
	o = take(key);
	if (anew)
		memset(o->clock.at, 0, o->clock.n * sizeof(u64));
	if (clock_join(&o->clock, &t->order.clock) || !o->version)
		__atomic_store_n(&o->version, ++order.versions, __ATOMIC_RELEASE);
	__atomic_store_n(&o->by, what_it_knows(t), __ATOMIC_RELAXED);
	o->used = ++order.uses;
	if (seen->key != key)
		*seen = (struct order_seen){.key = key};
	seen->at = o;
	lock_release(&g);
	released(t);
}

void order_release(struct thread *t, u64 key)
{
	give(t, key, false);
}

void order_release_anew(struct thread *t, u64 key)
{
	give(t, key, true);
}

void order_acquire(struct thread *t, u64 key)
{
	struct order_seen *seen = seen_of(t, key);
	struct object *o = find_again(seen, key);
	struct lock_guard g;

	if (o ? seen->key == key && seen->version == __atomic_load_n(&o->version, __ATOMIC_ACQUIRE)
	      : !is_lost(key))
		return; /* nothing was released since it looked last, or ever */
	g = lock_acquire(&order.lock);
	o = find(key);
	if (o) {
		if (clock_join(&t->order.clock, &o->clock) && t->order.released)
			next_epoch(t);
		o->used = ++order.uses;
		*seen = (struct order_seen){.key = key, .version = o->version, .at = o};
	} else {
		vague(t);
	}
	lock_release(&g);
}

void order_forget(u64 key)
{
	struct object *o = find(key);
	struct lock_guard g;

	if (!o)
		return;
	g = lock_acquire(&order.lock);
	o = find(key);
	if (o) {
		o->key = 0;
		o->used = 0;
		clock_free(&o->clock);
	}
	lock_release(&g);
}

/* ---- what is not seen --------------------------------------------------------------------------
 */

void order_may_release(struct thread *t, u64 key)
{
	u64 *may = &order.slot[t->order.slot].may_release;

	if (t->order.slot != NOBODY && !(*may & bit_of(key)))
		__atomic_fetch_or(may, bit_of(key), __ATOMIC_RELAXED);
}

void order_may_acquire(struct thread *t, u64 key)
{
	t->order.may_acquire |= bit_of(key);
}

void order_opaque(struct thread *t)
{
	t->order.opaque = true;
	if (t->order.slot != NOBODY)
		order.slot[t->order.slot].opaque = true;
}
