/* SPDX-License-Identifier: MIT */
/* The watcher's quick look: see hung.h. */
#include "hung.h"

#include "model.h"
#include "state.h"

/* Could what a thread waits for on that descriptor come from its own process alone? */
static bool is_inner(const struct state_view *v, i32 fd)
{
	struct st_fd f;

	if (fd < 0 || state_row(v, TABLE_fd, (u32)fd, &f) || !f.open ||
	    f.flags & (FF_INHERITED | FF_LEARNED))
		return false;
	return f.kind == FDK_pipe || f.kind == FDK_socketpair || f.kind == FDK_eventfd ||
	       f.kind == FDK_mqueue;
}

static bool goes_on(const struct state_view *v, const struct st_live *l)
{
	if (!l->wait_call)
		return !l->acquiring;
	if (l->wait_flags & (WF_TIMED | WF_NONBLOCK))
		return true;
	switch (call_class(l->wait_call)) {
	case CLASS_LOCK:
	case CLASS_JOIN:
	case CLASS_COND:
	case CLASS_SEM:
	case CLASS_BARRIER:
	case CLASS_ONCE:
		return false;
	case CLASS_FD:
	case CLASS_MQ:
		return !is_inner(v, l->wait_fd);
	default:
		return true;
	}
}

static u64 mix(u64 h, u64 x)
{
	return (h ^ x) * 0x9e3779b97f4a7c15ull;
}

static u64 signature(const struct state_view *v, u32 *hint)
{
	u32 n = state_rows(v, TABLE_live);
	u64 h = 1;

	for (u32 i = 0; i < n; i++) {
		u32 row = i	      ? i == *hint ? 0 : i
			  : *hint < n ? *hint
				      : 0; /* first who went on last time */
		struct st_live l;

		if (state_row(v, TABLE_live, row, &l) || !l.thread)
			continue;
		if (goes_on(v, &l)) {
			*hint = row;
			return 0;
		}
		h += mix(mix(mix(mix(l.thread, l.wait_call), l.wait_addr), l.wait_since),
			 (u64)(u32)l.wait_fd);
	}
	return h == 1 ? 0 : h;
}

u64 hung_signature(const char *state, u32 *hint)
{
	struct state_view v;
	u64 h;

	if (state_open(&v, state))
		return 0;
	h = v.head.phase == PHASE_RUN || v.head.phase == PHASE_EXITING ? signature(&v, hint) : 0;
	state_close(&v);
	return h;
}
