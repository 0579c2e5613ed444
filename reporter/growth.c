/* SPDX-License-Identifier: MIT */
/* Owns nothing. See growth.h. */
#include "growth.h"

enum { PARTS = 6, PARTS_ALIVE = 4 };

/* In which parts of the rise was something made that is still there? One bit each. */
struct ages {
	const struct st_site *s;
	unsigned parts;
	bool any;
};

static void age_add(struct ages *a, u64 born)
{
	u64 span = a->s->window - a->s->rise_began;

	a->any = true;
	if (born < a->s->rise_began || born - a->s->rise_began >= span)
		return;
	a->parts |= 1u << (born - a->s->rise_began) * PARTS / span;
}

static bool is_of(const struct st_site *s, u32 site, u32 stack)
{
	return site == s->serial && stack == s->stack;
}

static struct ages ages_of(const struct model_process *p, const struct st_site *s)
{
	struct ages a = {.s = s};

	switch (s->kind) {
	case SITE_fd:
		FOR_EACH_ROW(p, fd, f)
		if (f->open && is_of(s, f->site, f->stack))
			age_add(&a, f->born);
		break;
	case SITE_timer:
		FOR_EACH_ROW(p, timer, t)
		if (!t->died && is_of(s, t->site, t->stack))
			age_add(&a, t->born);
		break;
	case SITE_thread:
		FOR_EACH_ROW(p, thread, t)
		if (!(t->flags & TF_JOINED) && is_of(s, t->site, t->stack))
			age_add(&a, t->born);
		break;
	default:
		FOR_EACH_ROW(p, sync, y)
		if (!(y->flags & SF_DEAD) && is_of(s, y->site, y->stack))
			age_add(&a, y->born);
		break;
	}
	return a;
}

static bool is_growing(const struct model_process *p, const struct st_site *s)
{
	u64 now = p->facts.ended_at, one;
	struct ages a;

	if (!s->rising || s->rise_began >= s->window)
		return true; /* nothing to judge it by */
	one = (s->window - s->rise_began) / s->rising;
	if (now > s->window && now - s->window > 2 * one)
		return false; /* it has levelled off */
	a = ages_of(p, s);
	return !a.any || __builtin_popcount(a.parts) >= PARTS_ALIVE;
}

void growth_settle(struct model_process *p)
{
	FOR_EACH_ROW(p, site, s)
	if (s->flags & XF_GROWING && !is_growing(p, s))
		s->flags &= ~(u32)XF_GROWING;
}
