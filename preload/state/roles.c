/* SPDX-License-Identifier: MIT */
/*
 * Owns: the role table. See roles.h. Look-up is lock-free, insertion under roles.lock.
 */
#include "state/roles.h"

#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "state/alive.h"
#include "state/handlers.h"
#include "state/stacks.h"

enum { BUCKETS = 2048, ROWS_LEAST = 8192 };

static struct {
	unsigned lock;
	u32 buckets;	 /* offset in the state / 64 */
	u32 rows, sweep; /* rows in use; so many are worth a sweep */
} APART roles;

static u32 *bucket(u32 hash)
{
	u32 *heads = arena_heads(&roles.buckets, BUCKETS);

	return heads ? &heads[hash % BUCKETS] : NULL;
}

static u32 hash_of(u32 kind, u32 obj, u32 thread, u32 role)
{
	return (obj * 2654435761u ^ thread * 40503u) + kind * 4 + role;
}

/* The generation is no part of what is looked for: a number that is opened anew takes over the row
 * of the one before, which only its own thread writes. Otherwise a program that makes pipe after
 * pipe would fill the table. */
static struct st_role *find(u32 i, u32 kind, u32 obj, u32 thread, u32 role)
{
	while (i) {
		struct st_role *r = row_get(TABLE_role, i);

		if (!r ||
		    (r->kind == kind && r->obj == obj && r->thread == thread && r->role == role))
			return r;
		i = r->next;
	}
	return NULL;
}

static void relink(u32 i, void *row)
{
	struct st_role *r = row;
	u32 *b = bucket(hash_of(r->kind, r->obj, r->thread, r->role));

	if (!b)
		return;
	r->next = *b;
	__atomic_store_n(b, i, __ATOMIC_RELEASE);
	roles.rows++;
}

/* Chains are made anew, with what is kept. Those who walk them meanwhile come to an end (a row once
 * linked leads to ones linked before it) and, where they have found nothing, wait for the lock. */
static void relink_all(void)
{
	roles.rows = 0;
	if (roles.buckets)
		memset((char *)state + (size_t)roles.buckets * 64, 0, BUCKETS * sizeof(u32));
	rows_each(TABLE_role, relink);
}

struct sweep {
	struct alive *syncs, *threads;
	u64 ended_last; /* of rows whose thread has ended: sum of their last uses, then the mean */
	u32 ended;
};

static bool object_gone(const struct sweep *s, const struct st_role *r)
{
	return r->kind == ROLE_SYNC ? !alive_has(s->syncs, r->obj) : !alive_fd(r->obj, r->gen);
}

/* First goes what was said of objects that are no more; if that was little, also what threads that
 * have ended did longest ago. */
static void sweep_rows(struct sweep *s)
{
	u32 n = state->table[TABLE_role].used, left = 0;

	for (u32 i = 1; i < n; i++) {
		struct st_role *r = row_get(TABLE_role, i);

		if (!r || !r->kind)
			continue;
		if (object_gone(s, r)) {
			row_free(TABLE_role, i);
			continue;
		}
		left++;
		if (!alive_has(s->threads, r->thread))
			s->ended++,
			    s->ended_last += r->last >> 16; /* no overflow: 2^17 rows at most */
	}
	if (left < roles.sweep / 4 * 3 || !s->ended)
		return;
	s->ended_last /= s->ended;
	for (u32 i = 1; i < n; i++) {
		struct st_role *r = row_get(TABLE_role, i);

		if (!r || !r->kind || alive_has(s->threads, r->thread) ||
		    r->last >> 16 > s->ended_last)
			continue;
		row_free(TABLE_role, i);
		state->table[TABLE_role].dropped++;
	}
}

/* Called with roles.lock held. Programs make threads and pipes without end; only those that live,
 * and a bounded number of others, are kept. */
static COLD void sweep(void)
{
	struct sweep s = {.syncs = alive_syncs(), .threads = alive_threads()};

	if (s.syncs && s.threads) {
		sweep_rows(&s);
		relink_all();
	}
	alive_free(s.syncs);
	alive_free(s.threads);
	roles.sweep = alive_next_sweep(roles.rows, ROWS_LEAST);
}

void role_note(struct thread *t, enum role_kind kind, u32 obj, u32 gen, u32 role)
{
	u32 hash = hash_of(kind, obj, t->serial, role), *b = roles.buckets ? bucket(hash) : NULL, i,
	    stack;
	struct st_role *r =
	    b ? find(__atomic_load_n(b, __ATOMIC_ACQUIRE), kind, obj, t->serial, role) : NULL;
	struct lock_guard g;

	if (!r) {
		stack = stack_here(t);
		g = lock_acquire(&roles.lock);
		b = bucket(hash);
		r = b ? find(*b, kind, obj, t->serial, role) : NULL;
		if (b && !r && roles.rows >= (roles.sweep ? roles.sweep : ROWS_LEAST))
			sweep();
		i = b && !r ? row_new(TABLE_role) : UINT32_MAX;
		if (i != UINT32_MAX) {
			roles.rows++;
			r = row_get(TABLE_role, i);
			r->obj = obj;
			r->gen = gen;
			r->thread = t->serial;
			r->role = role;
			r->stack = stack;
			r->first = clock_now();
			r->next = *b;
			r->kind = kind;
			__atomic_store_n(b, i, __ATOMIC_RELEASE);
		}
		lock_release(&g);
	}
	if (r) {
		if (unlikely(r->gen != gen)) {
			r->stack = stack_here(t);
			r->count = r->flags = 0;
			r->first = clock_now();
			r->gen = gen;
		}
		if (in_handler(t))
			r->flags |= RF_HANDLER;
		r->count++;
		r->last = clock_coarse();
	}
}

void roles_fork_child(void)
{
	roles.lock = 0;
	if (arena_torn())
		relink_all();
}
