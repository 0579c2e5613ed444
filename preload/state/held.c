/* SPDX-License-Identifier: MIT */
/*
 * Owns: the rarer operations on the list of held locks. See held.h.
 */
#include "state/held.h"

#include <string.h>

bool held_pop_slow(struct st_live *l, u64 addr)
{
	u32 n = l->nheld, kept = n < HELD_MAX ? n : HELD_MAX;

	for (u32 i = kept; i-- > 0;) {
		if (l->held[i].addr != addr)
			continue;
		memmove(&l->held[i], &l->held[i + 1], (kept - i - 1) * sizeof(l->held[0]));
		if (n >
		    HELD_MAX) /* now the place of one that was only counted: which, is not known */
			memset(&l->held[kept - 1], 0, sizeof(l->held[0]));
		held_count(l, n - 1, 0);
		return true;
	}
	if (n > HELD_MAX) { /* one of those that were only counted */
		held_count(l, n - 1, 0);
		return true;
	}
	for (u32 i = kept; addr && i-- > 0;)
		if (!l->held[i].addr) /* the same, its place was made free meanwhile */
			return held_pop_slow(l, 0);
	return false;
}

bool held_left(struct thread *t, uintptr_t sp)
{
	struct st_live *l = t->live;
	u32 n = l->nheld;

	if (n < HELD_MAX && (sp < t->stack_lo || sp >= t->stack_hi || sp < l->held[n].sp))
		return false;
	held_count(l, n, 0);
	return true;
}

struct holder {
	u64 addr;
	const struct st_live *self;
	struct st_live *found;
};
static bool holds(struct st_live *l, void *arg)
{
	struct holder *h = arg;

	if (l == h->self || !held_find(l, h->addr))
		return false;
	h->found = l;
	return true;
}

struct st_live *held_by(u64 addr, const struct st_live *but)
{
	struct holder h = {.addr = addr, .self = but};

	return live_each(holds, &h) ? h.found : NULL;
}

void held_settle(struct thread *t)
{
	struct st_live *l = t->live;
	u32 n = l->nheld < HELD_MAX ? l->nheld : HELD_MAX;

	for (u32 i = 0; i < n; i++) {
		struct st_held *h = &l->held[i];

		if (h->flags & HF_SETTLED || !h->addr)
			continue;
		h->stack = stack_of_held(t, h);
		h->flags |= HF_SETTLED;
	}
}
