/* SPDX-License-Identifier: MIT */
/*
 * Owns: the stack and frame tables, the memo of contexts. Doesn't: unwind (base/unwind), symbols
 * (the reporter).
 */
#include "state/stacks.h"

#include <string.h>

#include "base/config.h"
#include "base/lock.h"

enum {
	BUCKETS = 8192,
	WALKS_FREE = 1024,
	WALKS_THEN_ONE_IN = 64,
	WRAPPERS_DEEP = 4,
	THIN = 96 /* bytes of code */
};

static struct {
	unsigned lock;
	u32 buckets; /* offset in the state / 64 */
} APART stacks;

static u32 *bucket(u32 hash)
{
	u32 *heads = arena_heads(&stacks.buckets, BUCKETS);

	return heads ? &heads[hash % BUCKETS] : NULL;
}

u32 stack_frames(u32 id, const struct st_frame **frames)
{
	struct st_stack *s = id ? row_get(TABLE_stack, id) : NULL;

	if (!s || !s->id)
		return 0;
	*frames = row_get(TABLE_frame, s->frames);
	return *frames ? s->depth : 0;
}

static u32 find(u32 *b, u32 hash, const struct unwind_frame *f, u32 n)
{
	u32 i = __atomic_load_n(b, __ATOMIC_ACQUIRE);

	for (; i; i = ((struct st_stack *)row_get(TABLE_stack, i))->next) {
		struct st_stack *s = row_get(TABLE_stack, i);
		const struct st_frame *have;
		u32 k = 0;

		if (s->hash != hash || s->depth != n || !(have = row_get(TABLE_frame, s->frames)))
			continue;
		while (k < n && have[k].pc == f[k].pc)
			k++;
		if (k == n)
			return i;
	}
	return 0;
}

static u32 insert(u32 *b, u32 hash, const struct unwind_frame *f, u32 n)
{
	struct st_table *tb = &state->table[TABLE_stack];
	u32 frames = UINT32_MAX, i;
	struct st_frame *to;
	struct st_stack *s;

	/* Room is asked for before frames are taken: those would be lost. */
	if (!tb->free && tb->used >= (u32)config.max_stacks)
		__atomic_fetch_add(&tb->dropped, 1, __ATOMIC_RELAXED);
	else
		frames = row_run(TABLE_frame, n);
	if (frames == UINT32_MAX || (i = row_new(TABLE_stack)) == UINT32_MAX)
		return 0;
	to = row_get(TABLE_frame, frames);
	for (u32 k = 0; k < n; k++)
		to[k].pc = f[k].pc;
	s = row_get(TABLE_stack, i);
	s->depth = n;
	s->frames = frames;
	s->hash = hash;
	s->next = *b;
	__atomic_store_n(&s->id, i, __ATOMIC_RELEASE);
	__atomic_store_n(b, i, __ATOMIC_RELEASE);
	return i;
}

static u32 intern(const struct unwind_frame *f, u32 n)
{
	u32 hash = n, i;
	struct lock_guard g;
	u32 *b;

	if (!n)
		return 0;
	for (u32 k = 0; k < n; k++)
		hash = (hash ^ (u32)f[k].pc ^ (u32)(f[k].pc >> 32)) * 2654435761u;
	hash ^= hash >> 15;
	if (stacks.buckets && (i = find(bucket(hash), hash, f, n)))
		return i;
	g = lock_acquire(&stacks.lock);
	b = bucket(hash);
	i = b ? find(b, hash, f, n) : 0;
	if (!i && b)
		i = insert(b, hash, f, n);
	lock_release(&g);
	return i;
}

/* The thread's scratch, or `small` (of 8) while a signal handler interrupts its use. */
static struct unwind_frame *scratch_take(struct thread *t, struct unwind_frame *small, int *max)
{
	if (t->scratch_busy) {
		*max = 8;
		return small;
	}
	t->scratch_busy = true;
	*max = (int)config.stack_depth;
	return t->scratch;
}
static void scratch_give(struct thread *t, const struct unwind_frame *f)
{
	if (f == t->scratch)
		t->scratch_busy = false;
}

static int walk(struct thread *t, struct unwind_frame *f, int max)
{
	int n = unwind_stack_in(f, max, t->stack_lo, t->stack_hi);

	return n < 0 ? 0 : n;
}

u32 stack_here_slot(struct thread *t, uintptr_t *slot1)
{
	struct unwind_frame small[8], *f;
	int max, n;
	u32 id;

	f = scratch_take(t, small, &max);
	n = walk(t, f, max);
	id = intern(f, (u32)n);
	if (slot1)
		*slot1 = n > 1 ? f[1].slot : 0;
	scratch_give(t, f);
	return id;
}

uintptr_t stack_slot_above(struct thread *t, uintptr_t addr)
{
	struct unwind_frame small[8], *f;
	int max, n, i = 0;
	uintptr_t slot;

	f = scratch_take(t, small, &max);
	n = walk(t, f, max);
	while (i < n && f[i].slot <= addr)
		i++;
	slot = i < n && f[i].slot < t->stack_hi ? f[i].slot : 0;
	scratch_give(t, f);
	return slot & 7 ? 0 : slot;
}

u32 stack_here(struct thread *t)
{
	return stack_here_slot(t, NULL);
}

/* The frame to look at when a context comes again: the first one, behind the call itself, that is
 * more than a thin wrapper around locking (std::lock_guard and what it calls, my_lock()): there
 * callers differ. 0 if there is none. */
static int telling_frame(const struct unwind_frame *f, int n)
{
	uintptr_t begin, size;

	for (int k = 0; k < n && k <= WRAPPERS_DEEP; k++)
		if (!unwind_function(f[k].pc, &begin, &size) || size >= THIN)
			return k ? k : n > 1;
	return n > 1;
}

u32 stack_context_slow(struct thread *t, uintptr_t pc, uintptr_t sp)
{
	struct context *c = stack_context_at(t, pc, sp);
	struct unwind_frame small[8], *f;
	int max, n, k;
	u32 id;

	if (++t->walks > WALKS_FREE && t->walks % WALKS_THEN_ONE_IN)
		return 0;
	f = scratch_take(t, small, &max);
	n = walk(t, f, max);
	id = intern(f, (u32)n);
	c->pc = 0;
	c->stack = id;
	k = telling_frame(f, n);
	c->slot = k && f[k].slot > sp && f[k].slot < t->stack_hi && f[k].slot - sp < INT32_MAX
		      ? (i32)(f[k].slot - sp)
		      : -(i32)sizeof(pc);
	c->next = c->slot < 0 ? pc : f[k].pc;
	c->sp = sp;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	c->pc = pc;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (c->sp != sp || c->stack != id)
		c->pc = 0; /* a handler came between and used the place */
	scratch_give(t, f);
	return id;
}

int stack_split(struct thread *t, uintptr_t slot, u32 *inside, u32 *outside)
{
	struct unwind_frame small[8], *f;
	int max, n, k = 0, rc;

	f = scratch_take(t, small, &max);
	n = walk(t, f, max);
	while (k < n && f[k].slot != slot)
		k++;
	rc = k < n ? 1 : n < max ? 0 : -1;
	if (rc > 0) {
		*inside = k > 1 ? intern(f, (u32)k - 1) : 0;
		if (k + 1 < n)
			f[k + 1].pc++; /* where it was interrupted; others look up pc - 1 */
		*outside = intern(f + k + 1, (u32)(n - k - 1));
	}
	scratch_give(t, f);
	return rc;
}

static bool same_function(uintptr_t pc, uintptr_t pc2)
{
	uintptr_t begin, size;

	return unwind_function(pc, &begin, &size) && pc2 - 1 - begin < size;
}

/* Does the stack `id`, taken earlier, agree with the n frames that are outside of it now? From the
 * outer end inward they must be the same return addresses up to one function that has moved on
 * since; what was inside of that has returned. */
static bool agrees(u32 id, const struct unwind_frame *outer, u32 n)
{
	const struct st_frame *have;
	u32 depth = stack_frames(id, &have), limit = (u32)config.stack_depth;

	if (!depth)
		return false;
	if (depth == limit || n >= limit)
		return true; /* cut off at the outer end: can't be told */
	for (u32 k = 1; k <= n && k <= depth; k++)
		if (have[depth - k].pc != outer[n - k].pc)
			return same_function(have[depth - k].pc, outer[n - k].pc);
	return true;
}

u32 stack_of_held(struct thread *t, const struct st_held *h)
{
	struct unwind_frame small[8], *f;
	int max, n, from = 0;
	u32 id;

	f = scratch_take(t, small, &max);
	n = walk(t, f, max);
	while (from < n && f[from].slot < h->sp)
		from++;
	if (h->stack && agrees(h->stack, f + from, (u32)(n - from))) {
		id = h->stack;
	} else {
		/* h->pc lies in the frame that f[from - 1] is in now, or in one that has returned
		 * to f[from]'s function since. */
		if (from == 0) {
			n = n < max ? n + 1 : max;
			memmove(f + 1, f, (size_t)(n - 1) * sizeof(*f));
			from = 1;
		}
		f[from - 1].pc = h->pc;
		id = intern(f + from - 1, (u32)(n - from + 1));
	}
	scratch_give(t, f);
	return id;
}

static void relink(u32 i, void *row)
{
	struct st_stack *s = row;
	const struct st_frame *f = row_get(TABLE_frame, s->frames),
			      *last = row_get(TABLE_frame, s->frames + s->depth - 1);
	u32 *b = bucket(s->hash);

	if (!b || !f || !last || !f->pc || !last->pc) {
		s->depth = 0; /* its frames came too late for the copy; other rows may name it */
		return;
	}
	s->next = *b;
	*b = i;
}

void stacks_fork_child(void)
{
	stacks.lock = 0;
	if (!arena_torn())
		return;
	if (stacks.buckets)
		arena_child_clear((char *)state + (size_t)stacks.buckets * 64,
				  BUCKETS * sizeof(u32));
	rows_each(TABLE_stack, relink);
}
