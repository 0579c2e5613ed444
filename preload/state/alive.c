/* SPDX-License-Identifier: MIT */
/* Owns: pictures of what lives. See alive.h. */
#include "state/alive.h"

#include "state/thread.h"

static void mark(struct alive *a, u32 serial)
{
	a->word[serial / 64 % (ALIVE_BITS / 64)] |= 1ull << serial % 64;
}

static bool mark_thread(struct st_live *l, void *a)
{
	mark(a, l->thread);
	return false;
}

struct alive *alive_threads(void)
{
	struct alive *a = arena_private(sizeof(*a));

	if (a)
		live_each(mark_thread, a);
	return a;
}

struct alive *alive_syncs(void)
{
	struct alive *a = arena_private(sizeof(*a));
	u32 n = state->table[TABLE_sync].used;

	for (u32 i = 1; a && i < n; i++) {
		const struct st_sync *s = row_get(TABLE_sync, i);

		if (s && s->serial && !s->died)
			mark(a, s->serial);
	}
	return a;
}

void alive_free(struct alive *a)
{
	arena_private_free(a, sizeof(*a));
}

bool alive_fd(u32 num, u32 gen)
{
	const struct st_fd *f = row_get(TABLE_fd, num);

	return f && f->open && f->gen == gen;
}
