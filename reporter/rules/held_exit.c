/* SPDX-License-Identifier: MIT */
/* See held_exit.h. Called by lock_held_at_exit.c and cancelled_holding.c. Pure. */
#include "held_exit.h"

#include <string.h>

#define WAITERS_TOLD 4u

const char *held_exit_lock(const struct model_process *p, const struct model_event *e)
{
	return say_sync(p, (u32)event_int(e, "obj"), event_int(e, "addr"));
}

const char *held_exit_reading(const struct model_event *e)
{
	return strcmp(event_str(e, "detail"), "read") == 0 ? " for reading" : "";
}

void held_exit_evidence(const struct model_process *p, struct diagnosis *d,
			const struct model_event *e)
{
	u32 obj = (u32)event_int(e, "obj"), taken = (u32)event_int(e, "stack");

	(void)p;
	diag_sync(d, obj, event_int(e, "addr"));
	diag_thread(d, e->thread);
	diag_count(d, 1 + event_int(e, "untold"));
	diag_about(d, ABOUT_SYNC, obj);
	diag_evidence(d, 0, e->thread, taken, "it took the lock%s here", held_exit_reading(e));
	diag_role(d, taken);
}

static bool waits_for(const struct st_live *v, u64 addr)
{
	return v->wait_addr == addr && call_class(v->wait_call) == CLASS_LOCK;
}

bool held_exit_wanted(const struct model_process *p, const struct model_event *e)
{
	u64 addr = event_int(e, "addr");

	FOR_EACH_ROW(p, live, v)
	{
		const struct st_thread *t = process_thread(p, v->thread);

		if (waits_for(v, addr) && !(t && t->flags & TF_DETACHED && !(t->flags & TF_MAIN)))
			return true;
	}
	return false;
}

void held_exit_waiters(const struct model_process *p, struct diagnosis *d,
		       const struct model_event *e)
{
	u64 addr = event_int(e, "addr");
	u32 n = 0;

	FOR_EACH_ROW(p, live, v)
	{
		if (!waits_for(v, addr))
			continue;
		diag_about(d, ABOUT_THREAD, v->thread);
		if (n++ >= WAITERS_TOLD)
			continue;
		diag_thread(d, v->thread);
		diag_evidence(d, v->wait_since, v->thread, v->wait_stack, "%s waits for it",
			      say_thread(p, v->thread));
	}
	if (n)
		diag_why(d, "Nobody can release it any more. %u thread%s for it, without end.", n,
			 n == 1 ? " waits" : "s wait");
	else
		diag_why(d, "Nobody can release it any more: the next thread that asks for it "
			    "waits for ever.");
}
