/* SPDX-License-Identifier: MIT */
/*
 * Owns: the rarer operations on the list of held locks. See held.h.
 */
#include "state/held.h"

#include <string.h>

enum { SETTLED = 1 };

bool held_pop_slow(struct st_live *l, u64 addr)
{
	u32 n = l->nheld, kept = n < HELD_MAX ? n : HELD_MAX;

	for (u32 i = kept; i-- > 0;) {
		if (l->held[i].addr != addr)
			continue;
		if (n > HELD_MAX) { /* the deepest ones are not kept: this place is given up */
			memmove(&l->held[i], &l->held[i + 1], (kept - i - 1) * sizeof(l->held[0]));
			memset(&l->held[kept - 1], 0, sizeof(l->held[0]));
		} else {
			memmove(&l->held[i], &l->held[i + 1], (kept - i - 1) * sizeof(l->held[0]));
		}
		__atomic_store_n(&l->nheld, n - 1, __ATOMIC_RELEASE);
		return true;
	}
	if (n > HELD_MAX) { /* one of those that were only counted */
		l->nheld = n - 1;
		return true;
	}
	return false;
}

void held_settle(struct thread *t)
{
	struct st_live *l = t->live;
	u32 n = l->nheld < HELD_MAX ? l->nheld : HELD_MAX;

	for (u32 i = 0; i < n; i++) {
		struct st_held *h = &l->held[i];

		if (h->flags & SETTLED)
			continue;
		h->stack = stack_of_held(t, h);
		h->flags |= SETTLED;
	}
}
