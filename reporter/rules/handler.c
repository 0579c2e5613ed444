/* SPDX-License-Identifier: MIT */
/* Words for signal handlers: see handler.h. Pure; called by the rules of handlers. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "handler.h"

static const char *signal_name(int sig, char *buf, size_t size)
{
	const char *name = sigabbrev_np(sig);

	if (name)
		snprintf(buf, size, "SIG%s", name);
	else
		snprintf(buf, size, "signal %d", sig);
	return buf;
}

/* The address of a function is no return address: the one behind it is looked up. */
static const struct frame *function_frame(const struct model_process *p, u64 at)
{
	const struct frames *f = process_frames_pc(p, at + 1);

	return f->n ? &f->f[f->n - 1] : NULL;
}

const char *handler_name(const struct model_process *p, const struct model_event *e)
{
	static char ring[4][512];
	static unsigned next;
	char *s = ring[next++ % 4], sig[24];
	u64 at = event_int(e, "handler");
	const char *name = process_function_at(p, at);

	signal_name((int)event_int(e, "sig"), sig, sizeof(sig));
	snprintf(s, sizeof(ring[0]), "%s (the handler of %s)",
		 name ? name : say_frame(function_frame(p, at)), sig);
	return s;
}

void handler_evidence(struct diagnosis *d, const struct model_process *p,
		      const struct model_event *e)
{
	u32 installed = (u32)event_int(e, "third_stack");

	if (installed)
		diag_evidence(d, 0, (u32)event_int(e, "third"), installed, "%s was installed here",
			      handler_name(p, e));
	diag_thread(d, e->thread);
}

void handler_role(struct diagnosis *d, const struct model_process *p, const struct model_event *e,
		  u32 stack)
{
	const char *name = process_function_at(p, event_int(e, "handler"));

	if (name)
		diag_role_word(d, name);
	else
		diag_role(d, stack);
}

void handler_about(struct diagnosis *d, const struct model_process *p, const struct model_event *e)
{
	const struct st_sync *s = process_sync_at(p, event_int(e, "addr"));

	diag_about(d, ABOUT_THREAD, e->thread);
	if (s)
		diag_about(d, ABOUT_SYNC, s->serial);
}
