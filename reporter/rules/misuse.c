/* SPDX-License-Identifier: MIT */
/* What the misuse rules have in common: see misuse.h. Pure; called by them. */
#include "misuse.h"
#include <string.h>

static void about_object(struct diagnosis *d, const struct model_process *p, const struct misuse *m,
			 const struct model_event *e, const char **name)
{
	u32 obj = (u32)event_int(e, "obj");
	u64 addr = event_int(e, "addr");

	if (m->on == ON_FD) {
		const struct st_fd *fd = process_fd(p, (int)event_int(e, "fd"));

		*name = say_fd(p, (int)event_int(e, "fd"), 0);
		diag_fd(d, fd);
		diag_about(d, ABOUT_FD, event_int(e, "fd"));
	} else if (m->on == ON_THREAD) {
		if (!obj) /* the thread that is joined */
			obj = (u32)event_int(e, "other");
		*name = say_thread(p, obj);
		diag_thread(d, obj);
		diag_about(d, ABOUT_THREAD, obj);
	} else {
		*name = say_sync(p, obj, addr);
		diag_sync(d, obj, addr);
		diag_about(d, ABOUT_SYNC, obj);
	}
}

struct diagnosis *misuse_say(const struct model_process *p, struct findings *out,
			     const struct misuse *m, const struct model_event *e)
{
	u32 stack = (u32)event_int(e, "stack"), other = (u32)event_int(e, "other");
	u32 other_stack = (u32)event_int(e, "other_stack");
	const char *err = event_str(e, "err"), *name;
	struct diagnosis *d =
	    diag_new(out, m->severity ? m->severity(p, e) : SEV_ERROR, CONF_CERTAIN);

	about_object(d, p, m, e, &name);
	diag_title(d, "in %s, %s %s", say_place(p, stack), say_thread(p, e->thread), m->title);
	diag_what(d, "In %s, %s %s: %s%s%s%s%s.", say_place(p, stack), say_thread(p, e->thread),
		  m->title, m->on == ON_THREAD ? "" : "the ", name,
		  *err ? " (the call returned " : "", err, *err ? ")" : "");
	diag_why(d, "%s", m->why);
	diag_fix(d, "%s", m->fix);
	diag_thread(d, e->thread);
	diag_evidence(d, e->t, e->thread, stack, "the call%s%s", *err ? ", which returned " : "",
		      err);
	if (other_stack)
		diag_evidence(d, 0, other, other_stack, "%s", m->other);
	diag_thread(d, other);
	diag_count(d, 1 + event_int(e, "untold"));
	diag_role(d, stack);
	return d;
}

void misuse_run(const struct model_process *p, struct findings *out, const struct misuse *m)
{
	FOR_EACH_EVENT(p, "misuse", e)
	if (strcmp(event_str(e, "kind"), m->kind) == 0)
		misuse_say(p, out, m, e);
}
