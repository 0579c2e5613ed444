/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of hold_io and contend. See holdio.h. Small hashes in private memory would be lost by
 * a fork: chains start in the state.
 */
#include "state/holdio.h"

#include <string.h>

#include "base/lock.h"
#include "state/alive.h"

enum { BUCKETS = 512, ROWS_LEAST = 4096 };

static struct {
	unsigned lock;
	u32 io, contend; /* offsets in the state / 64 */
	struct rows {
		u32 used, sweep; /* rows in use; so many are worth a sweep */
	} io_rows, contend_rows;
} APART holdio;

static u32 *bucket(u32 *offset, u32 hash)
{
	u32 *heads = arena_heads(offset, BUCKETS);

	return heads ? &heads[hash % BUCKETS] : NULL;
}

static u32 io_hash(u32 obj, u32 acq_stack, u32 call_stack, u32 call)
{
	return obj * 31 + acq_stack * 7 + call_stack + call;
}

static bool io_is(const struct st_hold_io *r, const struct hold_io_key *k)
{
	return r->obj == k->obj && r->acq_stack == k->acq_stack && r->call == k->call &&
	       r->call_stack == k->call_stack && r->addr == k->addr;
}

static void relink_io(u32 i, void *row)
{
	struct st_hold_io *r = row;
	u32 *b = bucket(&holdio.io, io_hash(r->obj, r->acq_stack, r->call_stack, r->call));

	if (!b)
		return;
	r->next = *b;
	__atomic_store_n(b, i, __ATOMIC_RELEASE);
	holdio.io_rows.used++;
}
static void relink_contend(u32 i, void *row)
{
	struct st_contend *r = row;
	u32 *b = bucket(&holdio.contend, r->obj * 31 + r->stack);

	if (!b)
		return;
	r->next = *b;
	__atomic_store_n(b, i, __ATOMIC_RELEASE);
	holdio.contend_rows.used++;
}

static void relink_all(bool io)
{
	u32 offset = io ? holdio.io : holdio.contend;

	*(io ? &holdio.io_rows.used : &holdio.contend_rows.used) = 0;
	if (offset)
		memset((char *)state + (size_t)offset * 64, 0, BUCKETS * sizeof(u32));
	rows_each(io ? TABLE_hold_io : TABLE_contend, io ? relink_io : relink_contend);
}

/* Of locks that are no more: the rows with less than the mean of lost time go, and are counted.
 * Chains are made anew: who walks one meanwhile comes to an end (a row once linked leads to ones
 * linked before it). Called with holdio.lock held. */
static COLD void sweep(bool io)
{
	enum trace_table table = io ? TABLE_hold_io : TABLE_contend;
	struct rows *rows = io ? &holdio.io_rows : &holdio.contend_rows;
	u32 n = state->table[table].used, dead = 0;
	struct alive *a = alive_syncs();
	u64 sum = 0;

	for (int round = 0; a && round < 2; round++) {
		for (u32 i = 1; i < n; i++) {
			void *r = row_get(table, i);
			u32 obj = r ? *(const u32 *)r : 0; /* first in both */
			u64 ns = !r   ? 0
				 : io ? ((struct st_hold_io *)r)->ns
				      : ((struct st_contend *)r)->ns;

			if (!obj || alive_has(a, obj))
				continue;
			if (round == 0) {
				dead++;
				sum += ns;
			} else if (ns <= sum / dead) {
				row_free(table, i);
				state->table[table].dropped++;
			}
		}
		if (!dead)
			break;
	}
	if (a)
		relink_all(io);
	alive_free(a);
	rows->sweep = alive_next_sweep(rows->used, ROWS_LEAST);
}

static u32 new_row(bool io)
{
	struct rows *rows = io ? &holdio.io_rows : &holdio.contend_rows;
	u32 i;

	if (rows->used >= (rows->sweep ? rows->sweep : ROWS_LEAST))
		sweep(io);
	i = row_new(io ? TABLE_hold_io : TABLE_contend);
	rows->used += i != UINT32_MAX;
	return i;
}

struct st_hold_io *hold_io_get(const struct hold_io_key *k, u64 now)
{
	struct lock_guard g = lock_acquire(&holdio.lock);
	u32 *b = bucket(&holdio.io, io_hash(k->obj, k->acq_stack, k->call_stack, k->call)),
	    i = b ? *b : 0;
	struct st_hold_io *r = NULL;

	for (; i; i = r->next) {
		r = row_get(TABLE_hold_io, i);
		if (io_is(r, k))
			goto out;
	}
	i = b ? new_row(true) : UINT32_MAX;
	r = i == UINT32_MAX ? NULL : row_get(TABLE_hold_io, i);
	if (r) {
		r->mode = k->mode;
		r->addr = k->addr;
		r->acq_stack = k->acq_stack;
		r->call = k->call;
		r->call_stack = k->call_stack;
		r->first = now;
		r->fd = -1;
		r->next = *b;
		r->obj = k->obj;
		*b = i;
	}
out:
	lock_release(&g);
	return r;
}

static struct st_contend *contend_find(u32 i, u32 obj, u32 stack, u64 holder_pc)
{
	while (i) {
		struct st_contend *r = row_get(TABLE_contend, i);

		if (!r || (r->obj == obj && r->stack == stack && r->holder_pc == holder_pc))
			return r;
		i = r->next;
	}
	return NULL;
}

/* Found without a lock: every contended acquisition comes here. */
struct st_contend *contend_get(u32 obj, u64 addr, u32 stack, u64 holder_pc)
{
	u32 *b = holdio.contend ? bucket(&holdio.contend, obj * 31 + stack) : NULL, i;
	struct st_contend *r =
	    b ? contend_find(__atomic_load_n(b, __ATOMIC_ACQUIRE), obj, stack, holder_pc) : NULL;
	struct lock_guard g;

	if (r)
		return r;
	g = lock_acquire(&holdio.lock);
	b = bucket(&holdio.contend, obj * 31 + stack);
	r = b ? contend_find(*b, obj, stack, holder_pc) : NULL;
	i = b && !r ? new_row(false) : UINT32_MAX;
	if (i != UINT32_MAX) {
		r = row_get(TABLE_contend, i);
		r->addr = addr;
		r->stack = stack;
		r->holder_pc = holder_pc;
		r->next = *b;
		r->obj = obj;
		__atomic_store_n(b, i, __ATOMIC_RELEASE);
	}
	lock_release(&g);
	return r;
}

static void forget_io(u32 i, void *row)
{
	(void)row;
	row_free(TABLE_hold_io, i);
}
static void forget_contend(u32 i, void *row)
{
	(void)row;
	row_free(TABLE_contend, i);
}

/* What was waited for in the parent is told there; a child begins with nothing. */
void hold_io_fork_child(void)
{
	holdio.lock = 0;
	rows_each(TABLE_hold_io, forget_io);
	rows_each(TABLE_contend, forget_contend);
	relink_all(true); /* empties the chains */
	relink_all(false);
}
