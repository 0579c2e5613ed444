/* SPDX-License-Identifier: MIT */
/*
 * unsafe-libc-call: two threads use an object that libc has one of, with no order enforced between
 * them and no lock held by both. Wrappers call unsafe_use() first, then libc. Signal-safe; leaves
 * errno alone.
 *
 * A process that never had a second thread pays two loads. Otherwise a thread looks at the table
 * when it uses the object from a new place, with other locks, after it has met another thread, or
 * after another has used it in a new way; in between a use costs a comparison with its own memo.
 */
#ifndef DETECT_UNSAFE_CALL_H
#define DETECT_UNSAFE_CALL_H

#include "base/common.h"
#include "state/order.h"
#include "state/thread.h"
#include "state/unsafe.h"

/* One bit for the place and the locks held. */
static inline u64 unsafe_bit(const struct st_live *l, uintptr_t pc)
{
	u32 n = l->nheld < HELD_MAX ? l->nheld : HELD_MAX;
	u64 mix = pc * 0x9e3779b97f4a7c15ull;

	while (unlikely(n--))
		mix = (mix ^ l->held[n].addr ^ l->held[n].mode) * 0x9e3779b97f4a7c15ull;
	return 1ull << (mix >> 58);
}

void unsafe_use_slow(struct thread *t, struct unsafe_buffer *b, u64 key, enum unsafe_call call,
		     uintptr_t pc, uintptr_t sp, struct unsafe_memo *m);

static inline void unsafe_use_of(struct unsafe_buffer *b, u32 slot, u64 key, enum unsafe_call call,
				 uintptr_t pc, uintptr_t sp)
{
	struct unsafe_memo *m;
	struct thread *t;

	if (likely(!state || state->threads_made < 2))
		return;
	t = scope_enter();
	if (unlikely(!t))
		return;
	m = &t->unsafe[slot % UNSAFE_MEMOS];
	if (unlikely(m->buffer != b || m->version != b->version || b->key != key ||
		     !(m->seen & unsafe_bit(t->live, pc)) || m->stamp != order_stamp(t)))
		unsafe_use_slow(t, b, key, call, pc, sp, m);
}
/* In a wrapper, before the real call. */
#define unsafe_use(call, buffer)                                                                   \
	unsafe_use_of(&unsafe_buffers[UNSAFE_BUFFER_##buffer], UNSAFE_BUFFER_##buffer, 0,          \
		      UNSAFE_##call, CALLER_PC(), CALLER_SP())
#define unsafe_stream_use(call, stream)                                                            \
	unsafe_use_of(unsafe_stream((u64)(stream)), (u32)((u64)(stream) >> 5), (u64)(stream),      \
		      UNSAFE_##call, CALLER_PC(), CALLER_SP())

#endif
