/* SPDX-License-Identifier: MIT */
/* Owns: the rarer endings of an announced lock call. See lock_fast.h. */
#include "wrap/lock_fast.h"

COLD int lock_announced_odd(int rc)
{
	struct thread *t = scope_fast();

	if (t)
		held_not_got(t->live);
	return rc;
}

/* A handler came between: it used our place in the list, or it forked and this is the child. */
COLD int lock_announced_disturbed(u64 addr, u8 mode, uintptr_t pc, uintptr_t sp)
{
	struct thread *t = scope_fast();

	if (t && t->live->acquiring) {
		held_not_got(t->live);
		if (t->live->nheld)
			lock_order_acquired(t, addr, mode);
		held_push(t, addr, mode, pc, sp);
	}
	return 0;
}

int lock_announced_nested(struct thread *t, struct st_live *l, u64 addr, u8 mode)
{
	if (unlikely(l->nheld != 1 ||
		     !lock_order_known(t, &l->held[0], addr, lock_order_gate(mode, &l->held[0]))))
		lock_order_acquired(t, addr, mode);
	held_count(l, l->nheld + 1, 0);
	return 0;
}
