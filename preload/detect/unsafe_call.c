/* SPDX-License-Identifier: MIT */
/*
 * Owns: when two uses of an object of libc's are a fault. See unsafe_call.h.
 */
#include "detect/unsafe_call.h"

#include "state/held.h"
#include "state/stacks.h"
#include "trace/event.h"

enum { STREAMS_TOLD = 32 };

static const char *const call_names[] = {
#define UNSAFE_BUFFER(id, what)
#define UNSAFE_CALL(name, buffer, instead) #name,
#include "unsafe_calls.def"
#undef UNSAFE_BUFFER
#undef UNSAFE_CALL
};
static const char *const buffer_names[] = {
#define UNSAFE_BUFFER(id, what) #id,
#define UNSAFE_CALL(name, buffer, instead)
#include "unsafe_calls.def"
#undef UNSAFE_BUFFER
#undef UNSAFE_CALL
};

static void note_locks(struct unsafe_use *use, const struct st_live *l)
{
	u32 n = l->nheld;

	use->nlocks = n > UNSAFE_LOCKS ? UNSAFE_LOCKS + 1 : (u16)n;
	for (u32 i = 0; i < n && i < UNSAFE_LOCKS; i++) {
		use->lock[i] = (l->held[i].addr & ~1ull) | (l->held[i].mode == HELD_READ);
		use->once |= l->held[i].mode == HELD_ONCE;
	}
}

/* One that keeps the two apart: both hold it, not both for reading. */
static bool common_lock(const struct unsafe_use *a, const struct unsafe_use *b)
{
	if (a->nlocks > UNSAFE_LOCKS || b->nlocks > UNSAFE_LOCKS)
		return true; /* or so it may be */
	for (u32 i = 0; i < a->nlocks; i++)
		for (u32 k = 0; k < b->nlocks; k++)
			if ((a->lock[i] ^ b->lock[k]) < 2 && !(a->lock[i] & b->lock[k] & 1))
				return true;
	return false;
}

static enum unsafe_verdict judge(struct thread *t, const struct unsafe_use *mine,
				 const struct unsafe_use *other)
{
	enum order o = common_lock(mine, other) ? ORDER_YES : order_before(other->stamp, t);

	if (o == ORDER_YES)
		return UNSAFE_SOUND;
	/* Who finds a local static made looks at a byte of its guard; that is not seen. */
	return o == ORDER_UNKNOWN || other->once ? UNSAFE_MAYBE : UNSAFE_RACES;
}

/* ctime() uses two of them: of two ctime() calls one is told. */
static enum unsafe_verdict judge_of_ctime(struct thread *t, const struct unsafe_use *mine,
					  const struct unsafe_use *other)
{
	return other->call == UNSAFE_ctime ? UNSAFE_SOUND : judge(t, mine, other);
}

/* Streams come and go: a program that shares each of many has heard it. */
static bool enough_streams(u64 key)
{
	static u32 told;

	return key && __atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) >= STREAMS_TOLD;
}

static void tell(struct thread *t, const struct unsafe_buffer *b, u64 key,
		 const struct unsafe_use *mine, const struct unsafe_use *other, bool unsure)
{
	size_t i = key ? UNSAFE_BUFFER_dirstream : (size_t)(b - unsafe_buffers);
	struct event_misuse e = {.kind = "unsafe-libc-call",
				 .call = call_names[mine->call],
				 .other_call = call_names[other->call],
				 .detail = buffer_names[i],
				 .unsure = unsure,
				 .fd = -1,
				 .addr = key,
				 .stack = mine->stack,
				 .other = other->thread,
				 .other_stack = other->stack,
				 .held = mine->lock,
				 .other_held = other->lock,
				 .nheld = mine->nlocks,
				 .nother_held = other->nlocks};

	event_misuse(t->serial, &e);
}

COLD void unsafe_use_slow(struct thread *t, struct unsafe_buffer *b, u64 key, enum unsafe_call call,
			  uintptr_t pc, uintptr_t sp, struct unsafe_memo *m)
{
	bool second = call == UNSAFE_ctime && b == &unsafe_buffers[UNSAFE_BUFFER_tm];
	struct unsafe_use use = {.stamp = order_stamp(t), .thread = t->serial, .call = (u16)call},
			  with;
	u64 bit = unsafe_bit(t->live, pc);
	enum unsafe_verdict v;

	if (unsafe_is_done(b) && b->key == key) {
		*m = (struct unsafe_memo){b, use.stamp, ~0ull, b->version};
		return;
	}
	use.stack = stack_context(t, pc, sp);
	if (!use.stack)
		use.stack = stack_here(t);
	note_locks(&use, t->live);
	v = unsafe_record(t, b, key, &use, second ? judge_of_ctime : judge, &with, m, bit);
	if (v != UNSAFE_SOUND && !enough_streams(key))
		tell(t, b, key, &use, &with, v == UNSAFE_MAYBE);
}
