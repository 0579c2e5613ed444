/* SPDX-License-Identifier: MIT */
/*
 * errno-spoiled: a handler of an asynchronous signal returns with another errno than it found.
 * Evidence: `misuse` events, told by the preload at the return (preload/detect/handlers.c). One
 * diagnosis for each function. Pure; called by report.c.
 */
#include <string.h>
#include "handler.h"

const struct rule_text text_errno_spoiled = {
    .means = "A signal handler changes errno and does not put it back.",
    .evidence =
	"errno as the handler found it and as it left it, the handler, its signal, where it "
	"was installed.",
    .silent =
	"Handlers that save and restore errno, that end the process or are left by a jump, and "
	"those of signals that the thread raised itself or waits for (sigsuspend, ppoll, pselect).",
    .fix = "int saved = errno; at the beginning of the handler, errno = saved; at its end.",
    .example = "void on_child(int sig)\n{\n\twhile (waitpid(-1, NULL, WNOHANG) > 0)\n\t\t;\n"
	       "}                       /* errno is ECHILD now, wherever main was */\n",
};

#define KIND "errno-spoiled"

static const char *errno_word(u64 err)
{
	const char *name = strerrorname_np((int)err);

	return name ? name : "another number";
}

static void say(const struct model_process *p, struct findings *out, const struct model_event *e,
		u64 count)
{
	struct diagnosis *d = diag_new(out, SEV_WARNING, CONF_CERTAIN);
	u64 before = event_int(e, "addr"), after = event_int(e, "addr2");
	u32 other = (u32)event_int(e, "other_stack");

	diag_title(d, "%s returns with another errno than it found", handler_name(p, e));
	diag_what(d,
		  "%s found errno %s and left %s, %s. The first time it had interrupted %s in %s.",
		  handler_name(p, e), errno_word(before), errno_word(after), say_times(count),
		  say_thread(p, e->thread), say_place(p, other));
	diag_why(
	    d,
	    "The signal may come between a call that fails and the look at errno after it: the "
	    "interrupted code then sees %s instead of its own error, and does the wrong thing "
	    "about it.",
	    errno_word(after));
	diag_fix(d,
		 "Save errno at the beginning of the handler and put it back before it returns.");
	diag_count(d, count);
	handler_evidence(d, p, e);
	if (other)
		diag_evidence(d, e->t, e->thread, other, "the signal interrupted this");
	handler_role(d, p, e, (u32)event_int(e, "third_stack"));
}

static bool same(const struct model_event *a, const struct model_event *b)
{
	return strcmp(event_str(b, "kind"), KIND) == 0 &&
	       event_int(a, "handler") == event_int(b, "handler");
}

void rule_errno_spoiled(const struct model_process *p, struct findings *out)
{
	FOR_EACH_EVENT(p, "misuse", e)
	{
		bool first = strcmp(event_str(e, "kind"), KIND) == 0;
		u64 count = 0;

		if (!first)
			continue;
		FOR_EACH_EVENT(p, "misuse", o)
		{
			if (!same(e, o))
				continue;
			first &= o >= e;
			count += 1 + event_int(o, "untold");
		}
		if (first)
			say(p, out, e, count);
	}
}
