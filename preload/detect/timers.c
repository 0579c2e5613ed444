/* SPDX-License-Identifier: MIT */
/* Owns: what is said when timers run out. See timers.h. */
#include "detect/timers.h"

#include "base/clock.h"
#include "state/sites.h"
#include "state/stacks.h"
#include "trace/event.h"

COLD void timer_exhausted(struct thread *t, u32 kind)
{
	u32 stack = stack_here(t);
	struct st_site *s =
	    site_get(site_failed(SITE_timer, kind, stack, t->serial, clock_coarse()));

	if (!s || s->failed == 1)
		event_exhausted(t->serial, "timer", "EAGAIN", state->sigpending, state->timers_live,
				stack);
}
