/* SPDX-License-Identifier: MIT */
/*
 * Who may know an object without having been seen at it: who made it, and who made, or is like,
 * those who were. Keeps wake.c from calling stuck what such a one could still wake. Called from
 * wake.c only. Not signal-safe.
 */
#include "wake.h"

static bool is_free(const struct wake *k, u32 serial)
{
	const struct wake_thread *t = serial ? wake_find(k, serial) : NULL;

	return t && t->stuck == WAKE_FREE;
}

/* One that could take the place of A: started at the same place, or with the same argument. */
static bool is_like(const struct st_thread *a, const struct st_thread *b)
{
	return (a->stack && a->stack == b->stack) || (a->arg && a->arg == b->arg);
}

static bool kin_of(const struct wake *k, const struct st_thread *woke)
{
	u32 up = woke->parent;

	for (u32 depth = 0; up && depth < 16; depth++) {
		const struct st_thread *parent = process_thread(k->p, up);

		if (is_free(k, up))
			return true;
		up = parent ? parent->parent : 0;
	}
	for (u32 i = 0; i < k->n; i++) {
		const struct st_thread *other = process_thread(k->p, k->thread[i].serial);

		if (k->thread[i].stuck == WAKE_FREE && (!other || is_like(woke, other)))
			return true;
	}
	return false;
}

/* The thread that woke it is joined and forgotten, and so is who made it: whoever makes threads may
 * make another. */
static bool maker_free(const struct wake *k)
{
	FOR_EACH_ROW(k->p, thread, t)
	if (is_free(k, t->parent))
		return true;
	FOR_EACH_ROW(k->p, site, s)
	if (s->kind == SITE_thread && is_free(k, s->thread))
		return true;
	return is_free(k, 1);
}

bool wake_kin_free(const struct wake *k, const struct wake_thread *t)
{
	if (is_free(k, t->sync ? t->sync->thread
		       : t->fd ? t->fd->thread
			       : 0) ||
	    is_free(k, t->sync ? t->sync->used_by
		       : t->fd ? t->fd->used_by
			       : 0))
		return true;
	for (u32 i = t->party; i < t->party + t->nparties; i++) {
		const struct st_thread *row = process_thread(k->p, k->party[i].thread);

		if (k->party[i].how != PARTY_WOKE)
			continue;
		if (row ? kin_of(k, row) : maker_free(k))
			return true;
	}
	/* who waits for the same, and could hand on what it gets */
	FOR_EACH_ROW(k->p, role, r)
	if (t->sync && r->kind == 1 && r->obj == t->sync->serial && is_free(k, r->thread))
		return true;
	return false;
}
